#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/seal.h"
#include "cmd/verify_parts.h"
#include "db/db.h"

// Personal payloads beside the events: each must be what its event's mac says, unless it was
// erased. Those that are sealed are opened with the master key, where it is the database's own.

enum { SUBJECT, EVENT, DATA, KEY, SALT, MAC, PURGED };

// A payload without an event gives no mac (but the applicant of a dossier whose registration was
// purged stays); $1: the subject, or all.
static const char payloads_sql[] =
    "declare payloads cursor for"
    " select p.subject, p.event, p.sealed, p.key, p.salt, e.mac, false from custody.payload p"
    " left join custody.event e on e.subject = p.subject and e.id = p.event"
    " where $1::text is null or p.subject = $1"
    " union all"
    " select p.dossier::text, p.event, p.sealed, p.key, p.salt, e.mac,"
    "  e.id is null and exists (select from custody.purged u where u.subject = p.dossier::text)"
    " from dossier.personal p"
    " left join custody.event e on e.subject = p.dossier::text and e.id = p.event"
    " where $1::text is null or p.dossier::text = $1"
    " union all"
    " select r.subject, r.event, pg_catalog.convert_to(r.text, 'UTF8'), null, r.salt, e.mac, false"
    " from custody.remark r"
    " left join custody.event e on e.subject = r.subject and e.id = r.event"
    " where $1::text is null or r.subject = $1";

static const char missing_sql[] =
    "select e.subject, e.id from custody.event e"
    " where e.mac is not null and ($1::text is null or e.subject = $1)"
    " and not exists (select from custody.payload p"
    "  where p.subject = e.subject and p.event = e.id)"
    " and not exists (select from custody.remark r"
    "  where r.subject = e.subject and r.event = e.id)"
    " and not exists (select from dossier.personal p"
    "  where p.dossier::text = e.subject and p.event = e.id) order by e.xid, e.id limit 100";

// Whether the master key that is here sealed this database's payloads.
static bool master_here(struct verify *v, bool *here)
{
    uint8_t mark[SEAL_DIGEST_BYTES];
    PGresult *r =
        verify_ask(v, "select mark from custody.key_mark where name = 'personal'", 0, NULL);
    *here = r && seal_look(conf.state_dir);
    if (*here)
        seal_mark(mark);
    if (*here && PQntuples(r) == 1)
        *here = PQgetlength(r, 0, 0) == sizeof mark &&
                memcmp(PQgetvalue(r, 0, 0), mark, sizeof mark) == 0;
    bool done = r != NULL;
    PQclear(r);
    return done;
}

static bool fits(const struct db_result *r, int row, const char *plain, size_t len)
{
    return plain && db_len(r, row, SALT) == SEAL_SALT_BYTES &&
           seal_fits(plain, len, (const uint8_t *)db_text(r, row, SALT),
                     (const uint8_t *)db_text(r, row, MAC));
}

static bool opened_fits(const struct db_result *r, int row)
{
    struct arena arena;
    size_t len;
    arena_init(&arena);
    const char *plain = seal_open(&arena, db_text(r, row, DATA), db_len(r, row, DATA),
                                  db_text(r, row, KEY), db_len(r, row, KEY), &len);
    bool good = fits(r, row, plain, len);
    arena_finish(&arena);
    return good;
}

static void wrong(struct verify *v, const struct db_result *r, int row, const char *why)
{
    findings_add(&v->f, FOUND_PAYLOAD_WRONG, 0, db_text(r, row, SUBJECT), db_uuid(r, row, EVENT),
                 "%s", why);
}

static void look(struct verify *v, const struct db_result *r, int row, bool here)
{
    bool sealed = !db_is_null(r, row, KEY);
    if (db_is_null(r, row, SALT))
        v->f.erased++;
    else if (db_bool(r, row, PURGED))
        v->f.unopened++;
    else if (db_len(r, row, MAC) != SEAL_MAC_BYTES)
        wrong(v, r, row, "no event speaks of it");
    else if (sealed && !here)
        v->f.unopened++;
    else if (sealed ? opened_fits(r, row)
                    : fits(r, row, db_text(r, row, DATA), db_len(r, row, DATA)))
        v->f.payloads++;
    else
        wrong(v, r, row, "it does not give the event's mac");
}

static bool missing(struct verify *v, const char *subject)
{
    PGresult *pg = verify_ask(v, missing_sql, 1, &subject);
    struct db_result r = {.pg = pg};
    for (int i = 0; pg && i < PQntuples(pg); i++)
        wrong(v, &r, i, "it is missing");
    bool done = pg != NULL;
    PQclear(pg);
    return done;
}

bool verify_payloads(struct verify *v, const char *subject)
{
    bool here;
    PGresult *pg = NULL;
    if (!master_here(v, &here) || !verify_run(v, payloads_sql, 1, &subject))
        return false;
    for (int count = 1; count > 0;) {
        PQclear(pg);
        pg = verify_ask(v, "fetch 2000 from payloads", 0, NULL);
        count = pg ? PQntuples(pg) : 0;
        struct db_result r = {.rows = count, .pg = pg};
        for (int i = 0; i < count; i++)
            look(v, &r, i, here);
    }
    bool done = pg != NULL;
    PQclear(pg);
    return done && missing(v, subject);
}
