#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

// The Merkle tree of RFC 6962 (section 2.1) over the event log: position n of the log is leaf n-1.
// Pure: no I/O, no allocation but in merkle_tree. A hash is SHA-256, 32 bytes.

enum { MERKLE_HASH = 32, MERKLE_PROOF_MAX = 64 };

struct merkle_hash {
    uint8_t bytes[MERKLE_HASH];
};

struct merkle_proof {
    int count;
    struct merkle_hash list[MERKLE_PROOF_MAX];
};

struct merkle_hash merkle_leaf(const void *data, size_t len); // H(0x00 || data)
struct merkle_hash merkle_node(struct merkle_hash left,
                               struct merkle_hash right); // H(0x01 || l || r)
bool merkle_equal(struct merkle_hash a, struct merkle_hash b);

// The right edge of a growing tree: the roots of its complete subtrees, largest first. Enough to
// append and to tell the root; a few hundred bytes for any size. Zero-initialised it is the empty
// tree.
struct merkle_edge {
    uint64_t size;
    int count;
    struct merkle_hash list[64];
};

void merkle_append(struct merkle_edge *edge, struct merkle_hash leaf);
struct merkle_hash merkle_root(const struct merkle_edge *edge); // of the empty tree: H("")

// Proofs ask their source for the root of the complete subtree of 2^level leaves that starts at
// leaf index << level. False from the source ends with false.
typedef bool merkle_source(void *arg, int level, uint64_t index, struct merkle_hash *out);

// That leaf `index` is in the tree of `size` leaves (RFC 6962, 2.1.1).
must_check bool merkle_prove_inclusion(merkle_source *source, void *arg, uint64_t index,
                                       uint64_t size, struct merkle_proof *out);
// That the tree of `old_size` leaves is the beginning of that of `size` leaves (2.1.2).
must_check bool merkle_prove_consistency(merkle_source *source, void *arg, uint64_t old_size,
                                         uint64_t size, struct merkle_proof *out);

must_check bool merkle_check_inclusion(struct merkle_hash leaf, uint64_t index, uint64_t size,
                                       const struct merkle_proof *proof, struct merkle_hash root);
must_check bool merkle_check_consistency(uint64_t old_size, struct merkle_hash old_root,
                                         uint64_t size, struct merkle_hash root,
                                         const struct merkle_proof *proof);
