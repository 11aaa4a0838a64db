#include "custody/tiles.h"

#include <string.h>

const struct tile *tiles_find(const struct tiles *tiles, int level, uint64_t index)
{
    for (int i = tiles->count - 1; i >= 0; i--) {
        if (tiles->list[i].index == index && tiles->list[i].level == level)
            return &tiles->list[i];
    }
    return NULL;
}

static void plan(struct tiles *tiles, int level, uint64_t index)
{
    if (tiles->count == tiles->cap) {
        int cap = tiles->cap ? 2 * tiles->cap : 32;
        struct tile *list = arena_alloc(tiles->arena, (size_t)cap * sizeof *list);
        if (tiles->count)
            memcpy(list, tiles->list, (size_t)tiles->count * sizeof *list);
        tiles->list = list;
        tiles->cap = cap;
    }
    tiles->list[tiles->count++] = (struct tile){.level = level, .index = index};
}

// Where the nodes of a height within the tile begin: 256 leaves, then 128, 64 …
static int row_at(int height)
{
    return 2 * TILE_WIDTH - (2 * TILE_WIDTH >> height);
}

bool tiles_source(void *arg, int level, uint64_t index, struct merkle_hash *out)
{
    struct tiles *tiles = arg;
    int height = level % TILE_BITS;
    uint64_t wide = TILE_BITS - height, place = index & ((UINT64_C(1) << wide) - 1);
    const struct tile *tile = tiles_find(tiles, level - height, index >> wide);
    *out = (struct merkle_hash){0};
    if (!tile)
        plan(tiles, level - height, index >> wide);
    if (!tile || !tile->nodes)
        return true;
    if (place >= (uint64_t)(tile->count >> height))
        return false;
    *out = tile->nodes[row_at(height) + (int)place];
    return true;
}

bool tile_fill(struct tiles *tiles, int place, const void *hashes, size_t len)
{
    struct tile *tile = &tiles->list[place];
    if (len % MERKLE_HASH || len > (size_t)TILE_WIDTH * MERKLE_HASH)
        return false;
    tile->count = (int)(len / MERKLE_HASH);
    tile->nodes = arena_alloc(tiles->arena, 2 * TILE_WIDTH * sizeof *tile->nodes);
    if (len)
        memcpy(tile->nodes, hashes, len);
    for (int height = 1; height < TILE_BITS; height++) {
        struct merkle_hash *below = tile->nodes + row_at(height - 1);
        for (int i = 0; i < tile->count >> height; i++)
            tile->nodes[row_at(height) + i] = merkle_node(below[2 * i], below[2 * i + 1]);
    }
    return true;
}

// --- a tree that grows ---------------------------------------------------------------------------

uint64_t log_tree_size(const struct log_tree *tree)
{
    uint64_t size = 0;
    for (int i = 0; i < TILE_LEVELS; i++)
        size += tree->part[i].size << (i * TILE_BITS);
    return size;
}

void log_tree_append(struct log_tree *tree, struct merkle_hash leaf, tree_complete *complete,
                     void *arg)
{
    uint64_t index = 0;
    for (int i = 0; i < TILE_LEVELS; i++) {
        merkle_append(&tree->part[i], leaf);
        if (tree->part[i].size < TILE_WIDTH)
            return;
        leaf = merkle_root(&tree->part[i]);
        tree->part[i] = (struct merkle_edge){0};
        index = log_tree_size(tree) >> ((i + 1) * TILE_BITS);
        if (complete)
            complete(arg, (i + 1) * TILE_BITS, index, leaf);
    }
}

// The parts' edges, the widest first, are the edge of the whole.
struct merkle_hash log_tree_root(const struct log_tree *tree)
{
    struct merkle_edge whole = {0};
    for (int i = TILE_LEVELS - 1; i >= 0; i--) {
        for (int k = 0; k < tree->part[i].count; k++)
            whole.list[whole.count++] = tree->part[i].list[k];
    }
    return merkle_root(&whole);
}
