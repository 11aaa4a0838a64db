#pragma once
#include "custody/custody.h"
#include "db/db.h"

// Each calls one SQL function of the schema container that gives one row with one json.

void despatch_close(struct db *db, const struct principal *who, const char *s8, db_done *done,
                    void *arg);
void despatch_depart(struct db *db, const struct principal *who, const struct write_id *write,
                     const char *s8, const char *trip, db_done *done, void *arg);
// next: the last receptacle on the page before, NULL at the beginning.
void despatch_get(struct db *db, const char *s8, const char *next, int32_t limit, db_done *done,
                  void *arg);
// unit: its code. day: 2026-11-23, today when NULL. after: the cursor, 0 at the beginning.
void despatch_list(struct db *db, const char *unit, const char *day, int64_t after, int32_t limit,
                   db_done *done, void *arg);
