#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/verify_parts.h"
#include "custody/tiles.h"
#include "db/db.h"

// The whole log from its first position: every leaf made again, the tree grown from them, and its
// root held against every checkpoint on the way. Where one subject is asked for, the leaves of the
// others are taken as their rows say: that none is missing shows in the root.

enum { CHECKPOINTS_PAGE = 1000 };

struct walk {
    struct verify *v;
    const char *subject; // NULL: the events of all
    struct log_tree tree;
    bool holed;               // positions are missing: no root can be made any more
    uint64_t good;            // events without a finding so far
    PGresult *page;           // stored checkpoints, by size
    int at;                   // the next of the page
    int outside_at;           // the next of those outside
    bool differs;             // a root differed: those that follow do, too
    int64_t xid, received_at; // of the row before
    struct log_row last;
    char last_subject[SUBJECT_MAX];
    PGresult *tree_page; // stored subtrees of this page's blocks
    bool failed;
};

static const char *decimal(uint64_t value, char out[24])
{
    snprintf(out, 24, "%" PRIu64, value);
    return out;
}

// --- checkpoints ---------------------------------------------------------------------------------

static bool checkpoints_page(struct walk *w, uint64_t after)
{
    char size[24];
    const char *values[] = {decimal(after, size)};
    PQclear(w->page);
    w->at = 0;
    w->page = verify_ask(w->v,
                         "select size, root, at, key, signature from custody.checkpoint"
                         " where size > $1::int8 order by size limit 1000",
                         1, values);
    return w->page != NULL;
}

static uint64_t stored_size(const struct walk *w)
{
    struct db_result r = {.rows = 1, .pg = w->page};
    return w->at < PQntuples(w->page) ? (uint64_t)db_int8(&r, w->at, 0) : UINT64_MAX;
}

static bool root_fits(struct walk *w, uint64_t size, struct merkle_hash root, const char *where)
{
    struct findings *f = &w->v->f;
    if (!w->holed && merkle_equal(log_tree_root(&w->tree), root))
        return true;
    if (!w->differs)
        findings_add(f, FOUND_ROOT_DIFFERS, 0, NULL, NULL,
                     "%s, of size %" PRIu64 ": something among positions %" PRIu64 " to %" PRIu64,
                     where, size, f->covered_to + 1, size);
    w->differs = true;
    return false;
}

static void covered(struct walk *w, uint64_t size)
{
    w->v->f.covered_to = size;
    w->v->f.verified = w->good;
}

// Those of the size that the tree has now.
static void meet_checkpoints(struct walk *w, uint64_t size)
{
    struct verify *v = w->v;
    struct checkpoint c;
    while (stored_size(w) <= size && !w->failed) {
        bool whole = verify_checkpoint_row(v, w->page, w->at, &c);
        if (!whole)
            findings_add(&v->f, FOUND_SIGNATURE_WRONG, 0, NULL, NULL, "stored, of size %" PRIu64,
                         c.size);
        else if (findings_checkpoint(&v->f, &v->trust, &c, "stored") &&
                 root_fits(w, size, c.root, "stored"))
            covered(w, size);
        if (++w->at == CHECKPOINTS_PAGE)
            w->failed = !checkpoints_page(w, size);
    }
    for (; w->outside_at < v->outside_count && v->outside[w->outside_at].size <= size;
         w->outside_at++) {
        if (root_fits(w, size, v->outside[w->outside_at].root, "held outside"))
            covered(w, size);
    }
}

static void beyond_the_end(struct walk *w)
{
    struct verify *v = w->v;
    uint64_t stored = stored_size(w);
    if (stored != UINT64_MAX)
        findings_add(&v->f, FOUND_LOG_SHORT, 0, NULL, NULL,
                     "stored, of size %" PRIu64 "; the log ends at %" PRIu64, stored, v->head);
    if (w->outside_at < v->outside_count)
        findings_add(&v->f, FOUND_LOG_SHORT, 0, NULL, NULL,
                     "held outside, of size %" PRIu64 "; the log ends at %" PRIu64,
                     v->outside[v->outside_count - 1].size, v->head);
}

// --- stored subtrees -----------------------------------------------------------------------------

static void complete(void *arg, int level, uint64_t index, struct merkle_hash hash)
{
    struct walk *w = arg;
    struct db_result r = {.pg = w->tree_page};
    const char *why = (index + 1) << level <= w->v->stored ? "is missing" : NULL;
    for (int i = 0; i < PQntuples(w->tree_page); i++) {
        if (db_int4(&r, i, 0) != level || (uint64_t)db_int8(&r, i, 1) != index)
            continue;
        bool same = memcmp(PQgetvalue(w->tree_page, i, 2), hash.bytes, MERKLE_HASH) == 0;
        why = same ? NULL : "differs";
    }
    if (why)
        findings_add(&w->v->f, FOUND_TREE_DIFFERS, 0, NULL, NULL,
                     "over positions %" PRIu64 " to %" PRIu64 " it %s", (index << level) + 1,
                     (index + 1) << level, why);
}

// The stored subtrees that the next positions complete, at every level.
static bool tree_page(struct walk *w, uint64_t first)
{
    char from[24], to[24];
    const char *values[] = {decimal(first / TILE_WIDTH, from),
                            decimal(first / TILE_WIDTH + 40, to)};
    PQclear(w->tree_page);
    w->tree_page = verify_ask(w->v,
                              "select t.level, t.index, t.hash"
                              " from pg_catalog.generate_series(8, 56, 8) as l (level)"
                              " join custody.tree t on t.level = l.level and t.index"
                              " between $1::int8 >> (l.level - 8) and $2::int8 >> (l.level - 8)"
                              " where pg_catalog.length(t.hash) = 32",
                              2, values);
    return w->tree_page != NULL;
}

// --- rows ----------------------------------------------------------------------------------------

// Positions are given in the order of (transaction, receipt, id).
static bool in_order(struct walk *w, const struct log_row *row)
{
    const struct log_row *last = &w->last;
    if (!row->event_there)
        return true;
    int64_t by = row->xid != w->xid ? row->xid - w->xid : row->event.received_at - w->received_at;
    int id = by ? 0 : memcmp(row->id, last->id, sizeof row->id);
    bool twice = !by && !id && strcmp(row->subject, w->last_subject) == 0;
    bool good = last->position == 0 || (by >= 0 && (by || id >= 0) && !twice);
    if (!good)
        findings_add(&w->v->f, FOUND_OUT_OF_ORDER, last->position, w->last_subject, last->id,
                     twice ? "it is in the log twice, again at %" PRIu64
                           : "an older event follows at position %" PRIu64,
                     row->position);
    w->xid = row->xid;
    w->received_at = row->event.received_at;
    w->last = *row;
    snprintf(w->last_subject, sizeof w->last_subject, "%s", row->subject);
    return good;
}

static void step(struct walk *w, const struct log_row *row, uint64_t expected)
{
    struct verify *v = w->v;
    if (row->position != expected) {
        findings_add(&v->f, FOUND_ROW_MISSING, expected, NULL, NULL, "up to position %" PRIu64,
                     row->position - 1);
        w->holed = true;
    }
    if (!w->subject || strcmp(row->subject, w->subject) == 0) {
        bool good = verify_row(v, row);
        w->good += in_order(w, row) && good;
    }
    log_tree_append(&w->tree,
                    canon_leaf(row->position, row->subject, row->subject_len, row->id, row->hash),
                    w->holed ? NULL : complete, w);
    meet_checkpoints(w, row->position);
}

static bool walk_page(struct walk *w, uint64_t *last)
{
    PGresult *rows = verify_rows(w->v, *last, w->v->head, w->subject);
    if (!rows || !tree_page(w, *last)) {
        PQclear(rows);
        return false;
    }
    for (int i = 0; i < PQntuples(rows) && !w->failed; i++) {
        struct log_row row;
        verify_row_read(rows, i, &row);
        step(w, &row, *last + 1);
        *last = row.position;
    }
    if (PQntuples(rows) == 0) {
        findings_add(&w->v->f, FOUND_ROW_MISSING, *last + 1, NULL, NULL,
                     "up to the log's end at %" PRIu64, w->v->head);
        *last = w->v->head;
    }
    PQclear(rows);
    return !w->failed;
}

// A position behind the end that the sequencer knows of.
static bool behind_the_head(struct verify *v)
{
    PGresult *r = verify_ask(v,
                             "select l.position, l.subject, l.event_id from custody.log l"
                             " where l.position > (select h.position from custody.log_head h)"
                             " or l.position < 1 order by 1 limit 100",
                             0, NULL);
    for (int i = 0; r && i < PQntuples(r); i++) {
        struct db_result one = {.pg = r};
        findings_add(&v->f, FOUND_OUT_OF_ORDER, (uint64_t)db_int8(&one, i, 0), PQgetvalue(r, i, 1),
                     db_uuid(&one, i, 2), "inserted behind the log's end");
    }
    bool done = r != NULL;
    PQclear(r);
    return done;
}

// Stored subtrees of positions that are not there.
static bool tree_behind(struct verify *v)
{
    char head[24];
    const char *values[] = {decimal(v->head, head)};
    PGresult *r = verify_ask(v,
                             "select t.level, t.index from custody.tree t"
                             " where t.index < 0 or t.index >= $1::int8 >> t.level limit 100",
                             1, values);
    for (int i = 0; r && i < PQntuples(r); i++) {
        struct db_result one = {.pg = r};
        findings_add(&v->f, FOUND_TREE_DIFFERS, 0, NULL, NULL,
                     "at level %d, index %" PRId64 ": the log is not as long", db_int4(&one, i, 0),
                     db_int8(&one, i, 1));
    }
    bool done = r != NULL;
    PQclear(r);
    return done;
}

static bool whole_walk(struct walk *w)
{
    struct verify *v = w->v;
    uint64_t last = 0;
    bool done = checkpoints_page(w, 0);
    while (done && last < v->head) {
        done = walk_page(w, &last);
        verify_progress(v, last, v->head);
    }
    if (done) {
        beyond_the_end(w);
        v->f.uncovered = w->good - v->f.verified;
    }
    return done;
}

bool verify_all(struct verify *v, const char *subject)
{
    struct walk *w = calloc(1, sizeof *w);
    if (!w)
        return false;
    w->v = v;
    w->subject = subject;
    bool done =
        whole_walk(w) && behind_the_head(v) && tree_behind(v) && verify_unplaced(v, subject);
    if (done && subject && v->f.events + v->f.pending + v->f.purged == 0 && v->f.bad == 0)
        findings_add(&v->f, FOUND_MALFORMED, 0, subject, NULL, "the log has no event of it");
    PQclear(w->page);
    PQclear(w->tree_page);
    free(w);
    return done;
}
