#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/verify_parts.h"
#include "db/db.h"

// Events that went with their partition (cmd/purge.c). Their rows in the log are explained by a
// purge only as far as its own event, in the log and good like any, tells the same.

enum { NAME, FROM, TO, EVENTS, POSITION, AT, SAME };

struct purge_row {
    char name[40];
    uint8_t from[16], to[16]; // ids from `from` to before `to`
    uint64_t events, position, at;
    uint64_t gone; // rows of it without an event
    bool told;     // by its event
};

static const char purges_sql[] =
    "select p.name, p.from_id, p.to_id, p.events, p.position, l.position,"
    " e.kind = 'purge' and e.data = jsonb_build_object('partition', p.name, 'from', p.from_id,"
    "  'to', p.to_id, 'events', p.events, 'position', p.position, 'checkpoint', p.checkpoint)"
    " from custody.purge p"
    " left join custody.event e on e.subject = 'purge' and e.id = p.event"
    " left join custody.log l on l.subject = 'purge' and l.event_id = p.event"
    " order by p.from_id";

static void wrong(struct verify *v, const struct purge_row *p, const char *why)
{
    findings_add(&v->f, FOUND_PURGE_WRONG, p->at, NULL, NULL, "%s: %s", p->name, why);
}

static void read_one(struct verify *v, const struct db_result *r, int row, struct purge_row *p)
{
    snprintf(p->name, sizeof p->name, "%s", db_text(r, row, NAME));
    memcpy(p->from, db_uuid(r, row, FROM), sizeof p->from);
    memcpy(p->to, db_uuid(r, row, TO), sizeof p->to);
    p->events = (uint64_t)db_int8(r, row, EVENTS);
    p->position = (uint64_t)db_int8(r, row, POSITION);
    p->at = db_is_null(r, row, AT) ? 0 : (uint64_t)db_int8(r, row, AT);
    p->told = p->at > 0 && !db_is_null(r, row, SAME) && db_bool(r, row, SAME);
    if (!p->told)
        wrong(v, p, "no event of the log tells it");
}

bool verify_purges_read(struct verify *v)
{
    PGresult *pg = verify_ask(v, purges_sql, 0, NULL);
    int count = pg ? PQntuples(pg) : 0;
    struct db_result r = {.rows = count, .pg = pg};
    v->purges = calloc((size_t)count + 1, sizeof *v->purges);
    for (int i = 0; v->purges && i < count; i++)
        read_one(v, &r, i, &v->purges[v->purge_count++]);
    PQclear(pg);
    return pg && v->purges;
}

static bool takes(const struct purge_row *p, const struct log_row *row)
{
    return p->told && row->position <= p->position &&
           memcmp(row->id, p->from, sizeof p->from) >= 0 &&
           memcmp(row->id, p->to, sizeof p->to) < 0;
}

bool verify_purged(struct verify *v, const struct log_row *row)
{
    for (int i = 0; i < v->purge_count; i++) {
        if (!takes(&v->purges[i], row))
            continue;
        v->purges[i].gone++;
        v->f.purged++;
        if (!merkle_equal(row->prev, row->before))
            findings_add(&v->f, FOUND_CHAIN_BROKEN, row->position, row->subject, row->id,
                         "its row names another event before it");
        return true;
    }
    return false;
}

// The purge's own event, where it is not gone through with the others.
static bool look_at_event(struct verify *v, const struct purge_row *p)
{
    struct log_row row;
    uint64_t events = v->f.events;
    PGresult *rows = verify_rows(v, p->at - 1, p->at, NULL);
    if (rows && PQntuples(rows) == 1) {
        verify_row_read(rows, 0, &row);
        if (!verify_row(v, &row))
            wrong(v, p, "its event is not good");
    }
    v->f.events = events;
    PQclear(rows);
    return rows != NULL;
}

bool verify_purges_close(struct verify *v, bool whole)
{
    bool done = true;
    for (int i = 0; i < v->purge_count && done; i++) {
        struct purge_row *p = &v->purges[i];
        if (!p->told)
            continue;
        if (!whole && p->gone > 0)
            done = look_at_event(v, p);
        if (whole && p->gone != p->events)
            wrong(v, p, "not as many events are gone as it tells");
        // Its event is newer than the last good checkpoint: so is what it explains.
        if (p->at > v->f.covered_to) {
            v->f.purged -= p->gone;
            v->f.uncovered += p->gone;
        }
    }
    return done;
}
