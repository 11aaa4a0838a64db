#include "custody/checkpoint_maker.h"

#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "custody/checkpoint_file.h"
#include "custody/integrity_db.h"

enum { LEAVES_MAX = 2000, EVENTS_APART = 10000, ROWS_MAX = 64 };
static const int64_t second = 1000000, patience = 5 * 1000000;

static struct keyring keys;

static struct {
    struct app_loop *app;
    struct db *db;
    bool busy;         // a round is under way
    bool ours;         // sequenced here since the last round
    uint64_t position; // the log's end as last heard
    uint64_t made;     // size of the last checkpoint
    int64_t made_at;   // clock_monotonic
    struct checkpoint next;
    struct log_tree tree;
    struct arena arena; // of the tiles the tree is read from
    struct tiles tiles;
    int row_count;
    struct tree_row rows[ROWS_MAX]; // complete, and not stored yet
} maker;

bool checkpoint_maker_setup(const char *state_dir)
{
    if (!keyring_load(&keys, state_dir, "log"))
        return false;
    keyring_publish("log", &keys);
    checkpoint_file_setup(state_dir);
    return true;
}

const struct sign_key *checkpoint_maker_key(void)
{
    return keyring_signing(&keys);
}

void checkpoint_maker_open(struct app_loop *app, struct db *db)
{
    maker.app = app;
    maker.db = db;
}

static void next_step(void);

// True when the answer is none, or nobody waits for it any more; the round is over then.
static bool failed(const struct db_result *r, int rows)
{
    if (r->err == ERR_OK && r->rows == rows && maker.app)
        return false;
    maker.busy = false;
    return true;
}

// --- storing -------------------------------------------------------------------------------------

// Not stored: another instance made one less than a second ago. Then we try again in a second.
static void stored(void *arg, const struct db_result *r)
{
    if (failed(r, 1))
        return;
    maker.row_count = 0;
    maker.made_at = clock_monotonic();
    maker.busy = false;
    if (!db_bool(r, 0, 0)) {
        maker.ours = true;
        return;
    }
    maker.made = maker.next.size;
    metric_set(METRIC_log_checkpoint, (int64_t)maker.made);
    checkpoint_file_offer(maker.app->crew, &maker.app->loop, &maker.next);
    maker.busy = maker.position - maker.made >= EVENTS_APART;
    if (maker.busy)
        next_step();
}

static void store(void)
{
    const struct sign_key *key = keyring_signing(&keys);
    if (!key) { // never of a ring that was loaded; the next round asks again
        log_error("custody", NULL, "no key signs the log");
        maker.busy = false;
        return;
    }
    maker.next.size = log_tree_size(&maker.tree);
    maker.next.root = log_tree_root(&maker.tree);
    maker.next.at = clock_now();
    checkpoint_sign(&maker.next, key);
    checkpoint_put(maker.db, &maker.next, maker.rows, maker.row_count, stored, NULL);
}

// --- growing -------------------------------------------------------------------------------------

static void completed(void *arg, int level, uint64_t index, struct merkle_hash hash)
{
    if (maker.row_count < ROWS_MAX) // EVENTS_APART and LEAVES_MAX bound it far below
        maker.rows[maker.row_count++] = (struct tree_row){level, index, hash};
}

static void leaves_come(void *arg, const struct db_result *r)
{
    if (failed(r, 1))
        return;
    const char *leaves = db_text(r, 0, 0);
    size_t count = db_len(r, 0, 0) / MERKLE_HASH;
    for (size_t i = 0; i < count; i++) {
        struct merkle_hash leaf;
        memcpy(leaf.bytes, leaves + i * MERKLE_HASH, MERKLE_HASH);
        log_tree_append(&maker.tree, leaf, completed, NULL);
    }
    if (count)
        next_step();
    else
        maker.busy = false;
}

// One statement at a time, until the tree is as long as the log and signed.
static void next_step(void)
{
    uint64_t size = log_tree_size(&maker.tree);
    if (size > maker.made && (size >= maker.position || size - maker.made >= EVENTS_APART))
        store();
    else if (size < maker.position)
        log_leaves(maker.db, size, LEAVES_MAX, leaves_come, NULL);
    else
        maker.busy = false;
}

// --- beginning -----------------------------------------------------------------------------------

static void tree_come(void *arg, const struct db_result *r)
{
    bool good = !failed(r, maker.tiles.count);
    maker.tree = (struct log_tree){0};
    maker.row_count = 0;
    for (int i = 0; good && i < r->rows; i++) {
        const struct tile *tile = &maker.tiles.list[i];
        size_t wanted = tile->count * (size_t)MERKLE_HASH;
        good = db_int4(r, i, 0) == i + 1 && db_len(r, i, 1) >= wanted;
        for (size_t at = 0; good && at < wanted; at += MERKLE_HASH) {
            struct merkle_hash hash;
            memcpy(hash.bytes, db_text(r, i, 1) + at, MERKLE_HASH);
            merkle_append(&maker.tree.part[tile->level / TILE_BITS], hash);
        }
    }
    arena_finish(&maker.arena);
    if (good) {
        next_step();
    } else if (maker.busy) {
        log_error("custody", NULL, "the stored tree of the log has holes: see dossierpost verify");
        maker.tree = (struct log_tree){0};
        maker.busy = false;
    }
}

// The open tile at each level above the leaves, for a tree of so many blocks.
static void read_tree(uint64_t blocks)
{
    arena_init(&maker.arena);
    maker.tiles = (struct tiles){.arena = &maker.arena};
    for (int level = TILE_BITS; blocks; level += TILE_BITS, blocks >>= TILE_BITS) {
        struct merkle_hash none;
        (void)tiles_source(&maker.tiles, level, blocks, &none);
        maker.tiles.list[maker.tiles.count - 1].count = (int)(blocks % TILE_WIDTH);
    }
    log_tiles(maker.db, &maker.tiles, tree_come, NULL);
}

static void state_come(void *arg, const struct db_result *r)
{
    if (failed(r, 1) || !db_uuid(r, 0, 0)) {
        maker.busy = false;
        return;
    }
    uuid_format(db_uuid(r, 0, 0), maker.next.origin);
    maker.position = (uint64_t)db_int8(r, 0, 1);
    maker.made = (uint64_t)db_int8(r, 0, 2);
    maker.made_at = clock_monotonic();
    uint64_t blocks = (uint64_t)db_int8(r, 0, 3);
    if (log_tree_size(&maker.tree) > maker.position) // an older copy of the database came back
        maker.tree = (struct log_tree){0};
    if (maker.made >= maker.position)
        maker.busy = false;
    else if (blocks > log_tree_size(&maker.tree) / TILE_WIDTH)
        read_tree(blocks);
    else
        next_step();
}

void checkpoint_maker_turn(int64_t position, bool ours)
{
    int64_t waited = clock_monotonic() - maker.made_at;
    maker.ours = maker.ours || ours;
    if ((uint64_t)position > maker.position)
        maker.position = (uint64_t)position;
    if (maker.busy || maker.position <= maker.made || !db_ready(maker.db))
        return;
    if (maker.made_at && waited < second && maker.position - maker.made < EVENTS_APART)
        return;
    if (!maker.ours && waited < patience && maker.made_at)
        return;
    maker.busy = true;
    maker.ours = false;
    log_state(maker.db, state_come, NULL);
}

void checkpoint_maker_close(void)
{
    maker.app = NULL;
    checkpoint_file_close();
    keyring_finish(&keys);
}
