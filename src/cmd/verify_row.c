#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/verify_parts.h"
#include "db/db.h"

enum {
    POSITION,
    SUBJECT,
    ID,
    HASH,
    PREV,
    JOINED,
    BEFORE,
    HEAD,
    XID,
    EVENT,
    AT,
    RECEIVED,
    DEVICE_AT,
    DEVICE,
    SEQ,
    ACTOR,
    TEXTS
};

static PGresult *ask(struct verify *v, const char *sql, int count, const char *const *values,
                     ExecStatusType good)
{
    PGresult *r = PQexecParams(v->admin.pg, sql, count, NULL, values, NULL, NULL, 1);
    if (PQresultStatus(r) == good)
        return r;
    fprintf(stderr, "dossierpost verify: %s", PQerrorMessage(v->admin.pg));
    PQclear(r);
    return NULL;
}

PGresult *verify_ask(struct verify *v, const char *sql, int count, const char *const *values)
{
    return ask(v, sql, count, values, PGRES_TUPLES_OK);
}

bool verify_run(struct verify *v, const char *sql, int count, const char *const *values)
{
    PGresult *r = ask(v, sql, count, values, PGRES_COMMAND_OK);
    bool done = r != NULL;
    PQclear(r);
    return done;
}

// Events, and the hash before, only of the subject that is asked for.
static const char rows_sql[] =
    "select l.position, l.subject, l.event_id, l.hash, l.prev, l.joined, p.hash, h.hash,"
    " e.xid, e.id,"
    " e.at, e.received_at, e.device_at, e.device, e.device_seq, e.actor, e.unit::text,"
    " e.subject, e.kind, e.outcome, e.warnings::text, e.state, e.holder_kind,"
    " e.holder_id::text, e.target_kind, e.target_id::text, e.container, e.refers::text,"
    " e.reason, e.next_action, e.data::text, pg_catalog.encode(e.digest, 'hex'),"
    " pg_catalog.encode(e.mac, 'hex')"
    " from custody.log l"
    " left join custody.event e on e.subject = l.subject and e.id = l.event_id"
    "  and ($3::text is null or e.subject = $3)"
    " left join lateral (select b.hash from custody.log b where b.subject = l.subject"
    "  and b.position < l.position and ($3::text is null or l.subject = $3)"
    "  order by b.position desc limit 1) p on true"
    " left join lateral (select b.hash from custody.log b where b.subject = e.container"
    "  and b.position < l.position order by b.position desc limit 1) h on true"
    " where l.position > $1::int8 and l.position <= $2::int8 order by l.position limit 5000";

PGresult *verify_rows(struct verify *v, uint64_t after, uint64_t to, const char *subject)
{
    char from[24], end[24];
    const char *values[] = {from, end, subject};
    snprintf(from, sizeof from, "%" PRIu64, after);
    snprintf(end, sizeof end, "%" PRIu64, to);
    return verify_ask(v, rows_sql, 3, values);
}

static struct merkle_hash hash_at(const PGresult *r, int row, int col)
{
    struct merkle_hash out = {0};
    if (PQgetlength(r, row, col) == MERKLE_HASH)
        memcpy(out.bytes, PQgetvalue(r, row, col), MERKLE_HASH);
    return out;
}

static void event_read(const struct db_result *r, int row, struct canon_event *out)
{
    const PGresult *pg = r->pg;
    memcpy(out->id, db_uuid(r, row, EVENT), sizeof out->id);
    out->at = db_time(r, row, AT);
    out->received_at = db_time(r, row, RECEIVED);
    out->device_at = db_time(r, row, DEVICE_AT);
    out->device = db_int8(r, row, DEVICE);
    out->device_seq = db_int8(r, row, SEQ);
    out->actor = db_int8(r, row, ACTOR);
    for (int i = 0; i < CANON_TEXTS; i++) {
        if (!PQgetisnull(pg, row, TEXTS + i))
            out->texts[i] = (struct canon_text){PQgetvalue(pg, row, TEXTS + i),
                                                (size_t)PQgetlength(pg, row, TEXTS + i)};
    }
}

void verify_row_read(const PGresult *rows, int row, struct log_row *out)
{
    struct db_result r = {.rows = PQntuples(rows), .pg = (void *)(uintptr_t)rows};
    *out = (struct log_row){0};
    out->position = (uint64_t)db_int8(&r, row, POSITION);
    out->subject = db_text(&r, row, SUBJECT);
    out->subject_len = db_len(&r, row, SUBJECT);
    memcpy(out->id, db_uuid(&r, row, ID), sizeof out->id);
    out->hash = hash_at(rows, row, HASH);
    out->prev = hash_at(rows, row, PREV);
    out->joined = hash_at(rows, row, JOINED);
    out->before = hash_at(rows, row, BEFORE);
    out->head = hash_at(rows, row, HEAD);
    out->event_there = !db_is_null(&r, row, EVENT);
    if (out->event_there) {
        out->xid = db_int8(&r, row, XID);
        event_read(&r, row, &out->event);
    }
}

static bool wrong(struct verify *v, enum finding what, const struct log_row *row, const char *why)
{
    findings_add(&v->f, what, row->position, row->subject, row->id, "%s", why);
    return false;
}

// Its hash is good, so it was made with what is there; its row has to say so, too.
static bool linked(struct verify *v, const struct log_row *row)
{
    if (!merkle_equal(row->prev, row->before))
        return wrong(v, FOUND_CHAIN_BROKEN, row, "its row names another event before it");
    return merkle_equal(row->joined, row->head) ||
           wrong(v, FOUND_CHAIN_BROKEN, row, "its row names another head of its container");
}

bool verify_row(struct verify *v, const struct log_row *row)
{
    if (!row->event_there && verify_purged(v, row))
        return false;
    v->f.events++;
    if (!row->event_there)
        return wrong(v, FOUND_EVENT_MISSING, row, "the log has it");
    if (merkle_equal(canon_hash(row->before, row->head, &row->event, &v->scratch), row->hash))
        return linked(v, row);
    if (merkle_equal(canon_hash(row->prev, row->joined, &row->event, &v->scratch), row->hash))
        return wrong(v, FOUND_CHAIN_BROKEN, row,
                     "the event before it is missing, swapped, or has another hash");
    return wrong(v, FOUND_EVENT_CHANGED, row, "its fields do not give its hash");
}

bool verify_checkpoint_row(struct verify *v, const PGresult *pg, int row, struct checkpoint *out)
{
    struct db_result r = {.rows = PQntuples(pg), .pg = (void *)(uintptr_t)pg};
    *out = (struct checkpoint){.size = (uint64_t)db_int8(&r, row, 0),
                               .root = hash_at(pg, row, 1),
                               .at = db_time(&r, row, 2)};
    snprintf(out->origin, sizeof out->origin, "%s", v->origin);
    if (PQgetlength(pg, row, 3) != sizeof out->key ||
        PQgetlength(pg, row, 4) != sizeof out->signature)
        return false;
    memcpy(out->key, PQgetvalue(pg, row, 3), sizeof out->key);
    memcpy(out->signature, PQgetvalue(pg, row, 4), sizeof out->signature);
    return true;
}

bool verify_unplaced(struct verify *v, const char *subject)
{
    char xid[24];
    const char *values[] = {xid, subject};
    snprintf(xid, sizeof xid, "%" PRId64, v->next_xid);
    PGresult *r = verify_ask(
        v,
        "select e.subject, e.id from custody.event e where e.xid < $1::int8"
        " and ($2::text is null or e.subject = $2) and not exists (select from custody.log l"
        " where l.subject = e.subject and l.event_id = e.id) order by e.xid, e.id limit 1000",
        2, values);
    for (int i = 0; r && i < PQntuples(r); i++)
        findings_add(&v->f, FOUND_EVENT_UNPLACED, 0, PQgetvalue(r, i, 0),
                     (const uint8_t *)PQgetvalue(r, i, 1), "the log has passed its time");
    bool done = r != NULL;
    PQclear(r);
    r = done ? verify_ask(v,
                          "select count(*) from custody.event e where e.xid >= $1::int8"
                          " and ($2::text is null or e.subject = $2) and not exists (select from"
                          " custody.log l where l.subject = e.subject and l.event_id = e.id)",
                          2, values)
             : NULL;
    if (r) {
        struct db_result one = {.rows = 1, .pg = r};
        v->f.pending = (uint64_t)db_int8(&one, 0, 0);
    }
    done = r != NULL;
    PQclear(r);
    return done;
}

void verify_progress(struct verify *v, uint64_t done, uint64_t of)
{
    int64_t now = clock_monotonic();
    if (now - v->told_at < 2000000)
        return;
    if (v->told_at)
        fprintf(stderr, "%" PRIu64 " of %" PRIu64 " positions\n", done, of);
    v->told_at = now;
}
