#pragma once
#include "base/seal.h"
#include "db/db.h"
#include "http/request.h"

// Writing the calendar: days off, days worked, office hours. Each calls one SQL function and gives
// one row with one json. A preview and a change write (a preview takes it back), for as long as it
// takes to reckon every open dossier: on a connection of their own (postal/recompute.h).

// `change`: JSON of the request.
void calendar_preview(struct db *db, const char *change, db_done *done, void *arg);

struct calendar_change {
    const char *body; // JSON
    const char *idem; // Idempotency-Key or NULL, with the digest of the request
    uint8_t digest[SEAL_DIGEST_BYTES];
};
void calendar_apply(struct db *db, const struct principal *who, const struct calendar_change *c,
                    db_done *done, void *arg);
// `next` may be NULL.
void calendar_changes(struct db *db, int32_t limit, const char *next, db_done *done, void *arg);
