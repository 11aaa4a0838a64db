#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "custody/merkle.h"

// The log's tree in tiles: 256 neighbours at level 0, 8, 16 … (custody.tiles in SQL), so that a
// proof reads a tile or two a level. And the growing tree that emits what becomes complete. Pure.

enum { TILE_BITS = 8, TILE_WIDTH = 256, TILE_LEVELS = 8 };

// A proof's source is planned first: it gives zeros and writes down which tiles it needs. When
// those are filled, the same proofs are made again, in earnest.
struct tile {
    int level;
    uint64_t index;
    int count;                 // of hashes at its level
    struct merkle_hash *nodes; // its own little tree, level by level; NULL: planned only
};

struct tiles {
    struct arena *arena;
    struct tile *list;
    int count, cap;
};

// merkle_source over a struct tiles. False when a tile that is filled lacks what is asked for.
bool tiles_source(void *arg, int level, uint64_t index, struct merkle_hash *out);
// Hashes one behind the other; at most 256.
must_check bool tile_fill(struct tiles *tiles, int place, const void *hashes, size_t len);
const struct tile *tiles_find(const struct tiles *tiles, int level, uint64_t index);

// A tree that grows: the open tile at each level, as edges.
struct log_tree {
    struct merkle_edge part[TILE_LEVELS];
};

typedef void tree_complete(void *arg, int level, uint64_t index, struct merkle_hash hash);

uint64_t log_tree_size(const struct log_tree *tree);
// Calls complete (may be NULL) for each subtree at level 8, 16 … that this leaf completes.
void log_tree_append(struct log_tree *tree, struct merkle_hash leaf, tree_complete *complete,
                     void *arg);
struct merkle_hash log_tree_root(const struct log_tree *tree);
