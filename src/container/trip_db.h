#pragma once
#include "custody/custody.h"
#include "db/db.h"

// Each calls one SQL function of the schema container that gives one row with one json.

// body: JSON {code?, from, to, carrier?, departs_at?}.
void trip_create(struct db *db, const struct principal *who, const struct write_id *write,
                 const char *body, db_done *done, void *arg);
void trip_arrive(struct db *db, const struct principal *who, const struct write_id *write,
                 const char *code, db_done *done, void *arg);
void trip_end(struct db *db, const struct principal *who, const struct write_id *write,
              const char *code, db_done *done, void *arg);
// next: the code of the last thing on the page before, NULL at the beginning.
void trip_get(struct db *db, const char *code, const char *next, int32_t limit, db_done *done,
              void *arg);
// open: NULL for both. after: the cursor, 0 at the beginning.
void trip_list(struct db *db, const struct principal *who, const bool *open, int64_t after,
               int32_t limit, db_done *done, void *arg);
