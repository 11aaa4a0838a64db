#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/verify_parts.h"
#include "custody/tiles.h"
#include "db/db.h"

// Some positions of the log: their hashes made again, and for each tile of 256 positions that one
// of them lies in the way to the root of a checkpoint. Every leaf of the tile goes into that root.

struct reference {
    uint64_t size; // 0: none is good
    struct merkle_hash root;
};

struct some {
    struct verify *v;
    struct reference held, stored; // the last one outside, for what it covers; then the stored one
    struct arena arena;
    struct tiles tiles;
    const struct reference *by; // of the tile at hand; NULL: none is
    uint64_t index;
    bool good;
};

static const char *decimal(uint64_t value, char out[24])
{
    snprintf(out, 24, "%" PRIu64, value);
    return out;
}

static void too_short(struct verify *v, struct reference *by, const char *where)
{
    if (by->size > v->head) {
        findings_add(&v->f, FOUND_LOG_SHORT, 0, NULL, NULL,
                     "%s, of size %" PRIu64 "; the log ends at %" PRIu64, where, by->size, v->head);
        by->size = 0;
    }
    if (by->size > v->f.covered_to)
        v->f.covered_to = by->size;
}

static bool references(struct some *s)
{
    struct verify *v = s->v;
    struct checkpoint c;
    PGresult *r = verify_ask(v,
                             "select size, root, at, key, signature from custody.checkpoint"
                             " order by size desc limit 1",
                             0, NULL);
    if (r && PQntuples(r) == 1 && verify_checkpoint_row(v, r, 0, &c) &&
        findings_checkpoint(&v->f, &v->trust, &c, "stored"))
        s->stored = (struct reference){c.size, c.root};
    if (v->outside_count) {
        const struct outside_row *last = &v->outside[v->outside_count - 1];
        s->held = (struct reference){last->size, last->root};
    }
    too_short(v, &s->stored, "stored");
    too_short(v, &s->held, "held outside");
    bool done = r != NULL;
    PQclear(r);
    return done;
}

static bool tile_read(struct some *s, int place)
{
    char level[24], index[24];
    const char *values[] = {decimal((uint64_t)s->tiles.list[place].level, level),
                            decimal(s->tiles.list[place].index, index)};
    PGresult *r = verify_ask(
        s->v, "select hashes from custody.tiles(array[$1::int4], array[$2::int8])", 2, values);
    bool done = r && PQntuples(r) == 1 &&
                tile_fill(&s->tiles, place, PQgetvalue(r, 0, 0), (size_t)PQgetlength(r, 0, 0));
    PQclear(r);
    return done;
}

static bool way_to_root(struct some *s)
{
    struct merkle_proof proof;
    struct merkle_hash leaf;
    uint64_t first = s->index * TILE_WIDTH;
    if (!merkle_prove_inclusion(tiles_source, &s->tiles, first, s->by->size, &proof) ||
        !tiles_source(&s->tiles, 0, first, &leaf))
        return false;
    for (int i = 0; i < s->tiles.count; i++) {
        if (!tile_read(s, i))
            return false;
    }
    return merkle_prove_inclusion(tiles_source, &s->tiles, first, s->by->size, &proof) &&
           tiles_source(&s->tiles, 0, first, &leaf) &&
           merkle_check_inclusion(leaf, first, s->by->size, &proof, s->by->root);
}

static void tile_take(struct some *s, uint64_t index, const struct reference *by)
{
    if (s->by == by && s->index == index)
        return;
    if (s->by)
        arena_finish(&s->arena);
    arena_init(&s->arena);
    s->tiles = (struct tiles){.arena = &s->arena};
    s->index = index;
    s->by = by;
    s->good = way_to_root(s);
    if (!s->good)
        findings_add(&s->v->f, FOUND_PROOF_WRONG, 0, NULL, NULL,
                     "something among positions %" PRIu64 " to %" PRIu64
                     ", or in the stored tree; checkpoint of size %" PRIu64,
                     index * TILE_WIDTH + 1, (index + 1) * TILE_WIDTH, by->size);
}

static void take(struct some *s, const struct log_row *row)
{
    struct merkle_hash leaf,
        mine = canon_leaf(row->position, row->subject, row->subject_len, row->id, row->hash);
    bool good = verify_row(s->v, row);
    if (row->position > s->held.size && row->position > s->stored.size) {
        s->v->f.uncovered += good;
        return;
    }
    tile_take(s, (row->position - 1) / TILE_WIDTH,
              row->position <= s->held.size ? &s->held : &s->stored);
    if (!s->good)
        return;
    if (!tiles_source(&s->tiles, 0, row->position - 1, &leaf) || !merkle_equal(leaf, mine))
        findings_add(&s->v->f, FOUND_PROOF_WRONG, row->position, row->subject, row->id,
                     "not the leaf that the checkpoint signed");
    else
        s->v->f.verified += good;
}

static bool walk(struct some *s, uint64_t last, uint64_t to)
{
    for (int count = 1; count > 0;) {
        PGresult *rows = verify_rows(s->v, last, to, NULL);
        if (!rows)
            return false;
        count = PQntuples(rows);
        for (int i = 0; i < count; i++) {
            struct log_row row;
            verify_row_read(rows, i, &row);
            if (row.position != last + 1)
                findings_add(&s->v->f, FOUND_ROW_MISSING, last + 1, NULL, NULL,
                             "up to position %" PRIu64, row.position - 1);
            take(s, &row);
            last = row.position;
        }
        PQclear(rows);
        verify_progress(s->v, last, to);
    }
    if (last < to)
        findings_add(&s->v->f, FOUND_ROW_MISSING, last + 1, NULL, NULL, "up to position %" PRIu64,
                     to);
    return true;
}

bool verify_range(struct verify *v, uint64_t from, uint64_t to)
{
    struct some s = {.v = v};
    bool done = references(&s) && walk(&s, from - 1, to < v->head ? to : v->head);
    if (s.by)
        arena_finish(&s.arena);
    return done;
}
