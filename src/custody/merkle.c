#include "custody/merkle.h"

#include <sodium.h>
#include <string.h>

struct merkle_hash merkle_leaf(const void *data, size_t len)
{
    struct merkle_hash out;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t[]){0}, 1);
    crypto_hash_sha256_update(&state, data, len);
    crypto_hash_sha256_final(&state, out.bytes);
    return out;
}

struct merkle_hash merkle_node(struct merkle_hash left, struct merkle_hash right)
{
    struct merkle_hash out;
    uint8_t all[1 + 2 * MERKLE_HASH] = {1};
    memcpy(all + 1, left.bytes, MERKLE_HASH);
    memcpy(all + 1 + MERKLE_HASH, right.bytes, MERKLE_HASH);
    crypto_hash_sha256(out.bytes, all, sizeof all);
    return out;
}

bool merkle_equal(struct merkle_hash a, struct merkle_hash b)
{
    return memcmp(a.bytes, b.bytes, MERKLE_HASH) == 0;
}

// --- the edge ------------------------------------------------------------------------------------

// Each trailing one bit of the size before is a complete subtree that the new leaf completes
// further.
void merkle_append(struct merkle_edge *edge, struct merkle_hash leaf)
{
    for (uint64_t size = edge->size; size & 1; size >>= 1)
        leaf = merkle_node(edge->list[--edge->count], leaf);
    edge->list[edge->count++] = leaf;
    edge->size++;
}

struct merkle_hash merkle_root(const struct merkle_edge *edge)
{
    struct merkle_hash root;
    if (edge->count == 0) {
        crypto_hash_sha256(root.bytes, (const uint8_t *)"", 0);
        return root;
    }
    root = edge->list[edge->count - 1];
    for (int i = edge->count - 2; i >= 0; i--)
        root = merkle_node(edge->list[i], root);
    return root;
}

// --- proofs --------------------------------------------------------------------------------------

// The greatest power of two smaller than n (n > 1), as its exponent.
static int split_level(uint64_t n)
{
    return 63 - __builtin_clzll(n - 1);
}

// Root of the leaves [from, from + count), where `from` is a multiple of the largest power of two
// within: the right edge of a tree, folded from complete subtrees.
static bool subtree(merkle_source *source, void *arg, uint64_t from, uint64_t count,
                    struct merkle_hash *out)
{
    struct merkle_hash right;
    if ((count & (count - 1)) == 0)
        return source(arg, __builtin_ctzll(count), from >> __builtin_ctzll(count), out);
    uint64_t half = UINT64_C(1) << split_level(count);
    if (!source(arg, split_level(count), from >> split_level(count), out) ||
        !subtree(source, arg, from + half, count - half, &right))
        return false;
    *out = merkle_node(*out, right);
    return true;
}

static void reverse(struct merkle_proof *proof)
{
    for (int i = 0, j = proof->count - 1; i < j; i++, j--) {
        struct merkle_hash kept = proof->list[i];
        proof->list[i] = proof->list[j];
        proof->list[j] = kept;
    }
}

bool merkle_prove_inclusion(merkle_source *source, void *arg, uint64_t index, uint64_t size,
                            struct merkle_proof *out)
{
    uint64_t from = 0;
    out->count = 0;
    if (index >= size)
        return false;
    while (size > 1) {
        uint64_t half = UINT64_C(1) << split_level(size);
        bool left = index - from < half;
        struct merkle_hash *other = &out->list[out->count++];
        if (!(left ? subtree(source, arg, from + half, size - half, other)
                   : subtree(source, arg, from, half, other)))
            return false;
        from += left ? 0 : half;
        size = left ? half : size - half;
    }
    reverse(out);
    return true;
}

bool merkle_prove_consistency(merkle_source *source, void *arg, uint64_t old_size, uint64_t size,
                              struct merkle_proof *out)
{
    uint64_t from = 0;
    bool whole = true; // the old tree's root is still the subtree we stand in
    out->count = 0;
    if (old_size == 0 || old_size > size)
        return false;
    while (old_size != size) {
        uint64_t half = UINT64_C(1) << split_level(size);
        bool left = old_size <= half;
        struct merkle_hash *other = &out->list[out->count++];
        if (!(left ? subtree(source, arg, from + half, size - half, other)
                   : subtree(source, arg, from, half, other)))
            return false;
        whole = whole && left;
        from += left ? 0 : half;
        old_size -= left ? 0 : half;
        size = left ? half : size - half;
    }
    if (!whole && !subtree(source, arg, from, size, &out->list[out->count++]))
        return false;
    reverse(out);
    return true;
}

// --- checks (the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2)
// -----------------------------

bool merkle_check_inclusion(struct merkle_hash leaf, uint64_t index, uint64_t size,
                            const struct merkle_proof *proof, struct merkle_hash root)
{
    if (index >= size)
        return false;
    uint64_t at = index, last = size - 1;
    for (int i = 0; i < proof->count; i++) {
        if (last == 0)
            return false;
        if ((at & 1) || at == last) {
            leaf = merkle_node(proof->list[i], leaf);
            for (; !(at & 1) && at != 0; at >>= 1)
                last >>= 1;
        } else {
            leaf = merkle_node(leaf, proof->list[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && merkle_equal(leaf, root);
}

bool merkle_check_consistency(uint64_t old_size, struct merkle_hash old_root, uint64_t size,
                              struct merkle_hash root, const struct merkle_proof *proof)
{
    if (old_size == 0 || old_size > size)
        return false;
    if (old_size == size)
        return proof->count == 0 && merkle_equal(old_root, root);
    bool power = (old_size & (old_size - 1)) == 0;
    if (!power && proof->count == 0)
        return false;
    uint64_t at = old_size - 1, last = size - 1;
    for (; at & 1; at >>= 1)
        last >>= 1;
    struct merkle_hash old = power ? old_root : proof->list[0], now = old;
    for (int i = power ? 0 : 1; i < proof->count; i++) {
        if (last == 0)
            return false;
        if ((at & 1) || at == last) {
            old = merkle_node(proof->list[i], old);
            now = merkle_node(proof->list[i], now);
            for (; !(at & 1) && at != 0; at >>= 1)
                last >>= 1;
        } else {
            now = merkle_node(now, proof->list[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && merkle_equal(old, old_root) && merkle_equal(now, root);
}
