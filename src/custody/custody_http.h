#pragma once
#include "db/db.h"
#include "http/capability.h"

// The other routes of custody, a table a file.
extern const struct route handover_routes[];     // handover_http.c
extern const struct route handover_pdf_routes[]; // handover_pdf_http.c
extern const struct route custody_routes[];      // custody_http.c: held, items, vocabulary
extern const struct route exception_routes[];    // exception_http.c
extern const struct route count_routes[];        // count_http.c
extern const struct route delivery_routes[];     // delivery_http.c
extern const struct route checkpoint_routes[];   // checkpoint_http.c: /c/{size}
extern const struct route diagram_routes[];      // diagram_http.c: /docs/custody

// The scanned codes in the body's "items", as the subjects they stand for, in the request's memory.
// NULL: one is no code, and the problem is sent.
const char **custody_codes_read(struct request *req, int *count);

// Callbacks of db_call that pass one json on, or the problem that SQL raised. `arg` is the request.
void custody_reply(void *arg, const struct db_result *r);
void custody_reply_created(void *arg, const struct db_result *r);
// The same after a write: events may wait for their positions.
void custody_reply_written(void *arg, const struct db_result *r);
