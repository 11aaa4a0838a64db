#pragma once
#include "custody/custody.h"
#include "db/db.h"

// Leases of numbers; each calls one SQL function of the schema postal and gives one row with one
// json, NULL where the asker has no such lease.

void lease_make(struct db *db, const struct principal *who, const struct write_id *write,
                const char *body, db_done *done, void *arg);
void lease_close(struct db *db, const struct principal *who, const struct write_id *write,
                 const uint8_t key[16], bool force, const char *why, db_done *done, void *arg);
void lease_revoke(struct db *db, const struct principal *who, const struct write_id *write,
                  const uint8_t key[16], const char *why, db_done *done, void *arg);
void lease_get(struct db *db, const struct principal *who, const uint8_t key[16], db_done *done,
               void *arg);
// unit and state may be NULL; after: 0, or the cursor of the page before.
void lease_list(struct db *db, const struct principal *who, const char *unit, const char *state,
                int64_t after, int32_t limit, db_done *done, void *arg);
// state may be NULL; after: "", or the cursor of the page before.
void lease_report(struct db *db, const struct principal *who, const uint8_t key[16],
                  const char *state, const char *after, int32_t limit, db_done *done, void *arg);
