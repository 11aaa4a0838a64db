#pragma once
#include "db/db.h"
#include "tracking/track_meter.h"

// SQL dossier.track_exchange (migrations/0011c_track_use.sql).

// Rows: address and what all instances together have used. `most`, `notable` in microseconds.
enum { EXCHANGE_ADDRESS, EXCHANGE_USED };
void track_exchange(struct db *db, const struct track_use *used, int count, int64_t most,
                    int64_t notable, db_done *done, void *arg);
