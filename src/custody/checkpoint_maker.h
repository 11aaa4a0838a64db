#pragma once
#include <stdint.h>

#include "base/compiler.h"
#include "db/db.h"
#include "http/server.h"

// Makes the log's checkpoints beside the sequencer, on its loop and connection and never in a
// scan's transaction: keeps the right edge of the tree in memory, adds the leaves that became
// known, and at most once a second, or every 10,000 events, signs the root and stores it with the
// subtrees that became complete. The edge is read again from those at start, or when another
// instance was further.
//
// Outside the database each line goes to <state_dir>/checkpoints.log, synced: at most one a minute,
// one every 10,000 events, and the last one at a stop.

// Loads (first start: makes) <state_dir>/keys/log.key and publishes it.
must_check bool checkpoint_maker_setup(const char *state_dir);
void checkpoint_maker_open(struct app_loop *app, struct db *db);
// The log ends at `position`; ours: this instance has just sequenced. Loop thread.
void checkpoint_maker_turn(int64_t position, bool ours);
void checkpoint_maker_close(void);
// The key that signs now; it stays until the process ends.
const struct sign_key *checkpoint_maker_key(void);
