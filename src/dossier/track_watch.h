#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "http/request.h"

// Who watches which dossier on this loop. When NOTIFY log tells of new positions, one query asks
// which of the watched dossiers they concern, and only their watchers are sent the new view.

struct app_loop;

bool track_watch_setup(void);
bool track_watch_open(struct app_loop *app);
void track_watch_close(struct app_loop *app);

// Ends the request as an event stream of the dossier. The view is sent at once unless the client
// has seen this position (Last-Event-ID).
void track_watch(struct request *req, const uint8_t dossier[UUID_BYTES], int64_t position,
                 const char *view);
