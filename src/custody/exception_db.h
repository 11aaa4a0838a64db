#pragma once
#include <stdint.h>

#include "custody/custody.h"
#include "db/db.h"
#include "http/request.h"

// The work list of exceptions; each calls one SQL function that gives one row with one json.

// What of the list is asked for. after: the cursor, 0 at the beginning; code, unit: NULL for all.
struct exception_ask {
    bool open, overdue, mine, counts;
    const char *code, *unit;
    int64_t after;
    int32_t limit;
};

void exception_list(struct db *db, const struct principal *who, const struct exception_ask *ask,
                    db_done *done, void *arg);
void exception_get(struct db *db, const struct principal *who, int64_t id, db_done *done,
                   void *arg);
// note: NULL when nothing was said.
void exception_resolve(struct db *db, const struct principal *who, const struct write_id *write,
                       int64_t id, const char *decision, const char *note, db_done *done,
                       void *arg);
// take: to deal with it, else to give it back.
void exception_turn(struct db *db, const struct principal *who, const struct write_id *write,
                    int64_t id, bool take, db_done *done, void *arg);
