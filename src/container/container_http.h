#pragma once
#include "custody/custody.h"
#include "db/db.h"
#include "http/capability.h"

// The other routes of this capability, a table a file.
extern const struct route trip_routes[];     // trip_http.c
extern const struct route despatch_routes[]; // despatch_http.c
extern const struct route sorting_routes[];  // sorting_http.c

// Callbacks of db_call that pass one json on, or the problem that SQL raised. `arg` is the request.
void container_reply(void *arg, const struct db_result *r);
// The same after a write: events may wait for their positions.
void container_reply_written(void *arg, const struct db_result *r);
void container_reply_created(void *arg, const struct db_result *r);

// A cursor that is a number: *after is 0 without one. False when it is none of ours, and the
// problem is sent.
must_check bool container_cursor(struct request *req, int64_t *after);
