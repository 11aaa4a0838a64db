#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "http/request.h"

// Server-Sent Events. stream_open sends the reply head and ends the request: the stream lives on
// its own until the client leaves, reads too slowly (more than 64 KiB waiting), or the server
// stops.

struct stream;

// `closed` is called once, on the loop, when the stream is gone; it frees what `arg` is, and the
// stream must not be used afterwards. NULL when the client has left already (`closed` was called).
struct stream *stream_open(struct request *req, void (*closed)(void *arg), void *arg);
// `id` may be NULL; `data` is one line of UTF-8 (JSON). A stream dropped for slowness is closed
// soon after this, never inside it, so a list of streams may be walked while sending.
void stream_send(struct stream *stream, const char *id, const char *event, const char *data);
void stream_close(struct stream *stream);
