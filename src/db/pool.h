#pragma once
#include "db/db.h"

// What the batcher needs of the pool beside db_call.

// Microseconds that anything waits for its turn, before it is answered ERR_BUSY; and how often that
// is looked at.
enum { POOL_PATIENCE = 10 * 1000000, POOL_TICK = 250 * 1000 };

struct loop *pool_loop(const struct db *db);
// db_call for what was admitted already: not refused for a full queue.
void pool_call(struct db *db, const struct db_stmt *stmt, struct db_params *params, db_done *done,
               void *arg);
