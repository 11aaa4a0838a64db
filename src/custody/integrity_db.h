#pragma once
#include <stdint.h>

#include "custody/checkpoint.h"
#include "custody/tiles.h"
#include "db/db.h"
#include "http/request.h"

// Statements of the log's tree, checkpoints, proofs and evidence (migrations/0011b_integrity.sql).

// Columns: origin, position, size of the last checkpoint, blocks of 256 in the stored tree.
void log_state(struct db *db, db_done *done, void *arg);
// One column: leaves behind `after`, one behind the other.
void log_leaves(struct db *db, uint64_t after, int most, db_done *done, void *arg);
// Columns: place from 1, hashes. Those planned and not filled yet.
void log_tiles(struct db *db, const struct tiles *tiles, db_done *done, void *arg);

struct tree_row {
    int level;
    uint64_t index;
    struct merkle_hash hash;
};
// One column: whether it is ours.
void checkpoint_put(struct db *db, const struct checkpoint *c, const struct tree_row *rows,
                    int count, db_done *done, void *arg);
// size 0: the last. No row when there is none.
void checkpoint_get(struct db *db, uint64_t size, db_done *done, void *arg);
// The columns from `col` on: origin, size, root, at, key, signature.
must_check bool checkpoint_row(const struct db_result *r, int col, struct checkpoint *out);
// Columns: position (null), then the checkpoint's.
void proof_of_event(struct db *db, const char *subject, const uint8_t event[16], uint64_t size,
                    db_done *done, void *arg);
// Columns: code, the checkpoint's, subjects.
void dossier_evidence(struct db *db, const struct principal *who, const char *key, uint64_t size,
                      db_done *done, void *arg);
