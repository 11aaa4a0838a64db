#pragma once
#include "db/db.h"
#include "http/request.h"

// The SQL functions of the schema report, one a call. `args`: the query as JSON text. Results: one
// row with one json, unless said otherwise.

void report_register(struct db *db, const struct principal *who, const char *args, db_done *done,
                     void *arg);
// One row: a text of lines (CSV, without the head), and the cursor of the next page or NULL.
void report_register_lines(struct db *db, const struct principal *who, const char *args,
                           db_done *done, void *arg);
void report_due(struct db *db, const struct principal *who, const char *args, db_done *done,
                void *arg);
void report_due_items(struct db *db, const struct principal *who, const char *args, db_done *done,
                      void *arg);
// `key`: code, number of a leg or id. The reading is recorded.
void report_control_sheet(struct db *db, const struct principal *who, const char *key,
                          db_done *done, void *arg);
