#pragma once
#include <stdbool.h>

#include "http/request.h"
#include "tracking/track_cache.h"

// Who watches which dossier on this loop. A watcher stands under its dossier's
// subjects (track_changes.h); when something changed in one of them, the dossiers concerned are
// read anew with one query, and those whose answer has another tag are sent it; so are, within ten
// seconds, those whose answer changes with the time alone (at midnight). An event's id is the
// tag, so whoever comes back with the id seen last is sent what it missed, from any instance and
// after any restart: the answer as it is now, which holds all that happened.

struct app_loop;

bool track_watch_setup(void);
bool track_watch_open(struct app_loop *app);
void track_watch_close(struct app_loop *app);

// Ends the request as an event stream of the answer's dossier. The answer is sent at once unless
// the client has seen it (Last-Event-ID, or `seen` where that header cannot be given; may be NULL).
void track_watch(struct request *req, const struct track_answer *answer, const char *seen);
