#pragma once
#include "db/db.h"

// What the batcher needs of the pool beside db_call.

struct loop *pool_loop(const struct db *db);
// db_call for what was admitted already: not refused for a full queue.
void pool_call(struct db *db, const struct db_stmt *stmt, struct db_params *params, db_done *done,
               void *arg);
