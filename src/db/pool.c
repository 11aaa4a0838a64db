#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/metrics.h"
#include "db/migrate.h"
#include "db/pgconn.h"
#include "db/pool.h"
#include "db/unit.h"

enum {
    READ_GRACE =
        5 * 1000000, // microseconds after the statement_timeout a look-up's connection is lost
    SCHEMA_PAUSE = 2 * 1000000,
};

struct db {
    struct loop *loop;
    struct pgconn *writer, **readers;
    int reader_count;
    struct unit_list writes, reads, refused;
    uint64_t turns;
    struct event *tick;
    bool pumping, dead; // a pump is on its way; db_destroy was called
    bool schema_good, schema_asked, schema_told;
    int64_t schema_at;
};

// --- the pump: from the queues to the connections -----------------------------------------------

static struct pgconn *reader_least_loaded(const struct db *db)
{
    struct pgconn *best = NULL;
    for (int i = 0; i < db->reader_count; i++) {
        struct pgconn *conn = db->readers[i];
        if (pgconn_takes(conn) && (!best || pgconn_load(conn) < pgconn_load(best)))
            best = conn;
    }
    return best;
}

// Brief look-ups stay together, as far as one connection takes them.
static struct pgconn *reader_next(const struct db *db, struct pgconn *last)
{
    if (last && db->reads.head->stmt->brief && pgconn_takes(last) && pgconn_shares(last))
        return last;
    return reader_least_loaded(db);
}

static void pump(void *arg)
{
    struct db *db = arg;
    struct pgconn *reader = NULL;
    struct unit_list refused = db->refused;
    db->pumping = false;
    if (db->dead) {
        free(db);
        return;
    }
    db->refused = (struct unit_list){0};
    for (struct db_unit *unit = unit_pop(&refused); unit; unit = unit_pop(&refused))
        unit_fail(unit, ERR_BUSY);
    while (db->writes.head && pgconn_takes(db->writer))
        pgconn_send(db->writer, unit_pop(&db->writes));
    while (db->reads.head && (reader = reader_next(db, reader)))
        pgconn_send(reader, unit_pop(&db->reads));
    for (int i = 0; i < db->reader_count; i++)
        pgconn_sync(db->readers[i]);
}

static void pump_later(struct db *db)
{
    if (db->pumping)
        return;
    db->pumping = true;
    loop_defer(db->loop, pump, db);
}

static void on_conn_ready(void *arg)
{
    struct db *db = arg;
    if (db->writes.head || db->reads.head)
        pump_later(db);
}

static void on_unit_back(void *arg, struct db_unit *unit, enum unit_fate fate, PGresult *pg,
                         const char *subject)
{
    struct db *db = arg;
    struct db_result result;
    if (unit_judge(unit, fate, pg, subject, &result)) {
        unit_finish(unit, &result);
        return;
    }
    if (db->dead) {
        unit_fail(unit, ERR_BUSY);
        return;
    }
    unit_return(unit->stmt->write ? &db->writes : &db->reads, unit);
    pump_later(db);
}

// --- whether the schema is ours -----------------------------------------------------------------

static const struct db_stmt schema_stmt = {"db.schema", migrate_digest_sql, false};

static void schema_answered(void *arg, const struct db_result *result)
{
    struct db *db = arg;
    const char *digest = result->err == ERR_OK && result->rows ? db_text(result, 0, 0) : NULL;
    bool good = digest && strcmp(digest, migrate_digest()) == 0;
    if (!good && result->err != ERR_BUSY && !db->schema_told) {
        log_warn("db", NULL, "the database does not have this program's schema");
        db->schema_told = true;
    }
    db->schema_asked = false;
    db->schema_good = good;
    db->schema_at = clock_monotonic();
}

static void queue_unit(struct db *db, struct db_unit *unit);
static struct db_unit *unit_make(const struct db_stmt *stmt, struct db_params *params,
                                 db_done *done, void *arg);

static void schema_ask(struct db *db)
{
    struct db_params none = {0};
    if (db->schema_asked || db->schema_good ||
        (db->schema_at && clock_monotonic() - db->schema_at < SCHEMA_PAUSE))
        return;
    struct db_unit *unit = unit_make(&schema_stmt, &none, schema_answered, db);
    unit->quiet = true;
    db->schema_asked = true;
    queue_unit(db, unit);
}

// --- what waits too long ------------------------------------------------------------------------

static void expire(struct unit_list *list, int64_t now)
{
    while (list->head && list->head->deadline < now)
        unit_fail(unit_pop(list), ERR_BUSY);
}

static void readers_watch(struct db *db, int64_t now)
{
    int64_t patience = conf.database_statement_timeout * 1000000 + READ_GRACE;
    for (int i = 0; i < db->reader_count; i++) {
        int64_t oldest = pgconn_oldest(db->readers[i]);
        if (oldest && now - oldest > patience)
            pgconn_drop(db->readers[i], "a look-up was not answered in time");
    }
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct db *db = arg;
    int64_t now = clock_monotonic();
    expire(&db->writes, now);
    expire(&db->reads, now);
    readers_watch(db, now);
    schema_ask(db);
    on_conn_ready(db);
}

// --- life ---------------------------------------------------------------------------------------

static void connections_make(struct db *db)
{
    struct pgconn_owner owner = {on_conn_ready, on_unit_back, db};
    db->writer = pgconn_create(db->loop, LINK_WRITER, 0, &owner);
    db->reader_count = (int)conf.database_readers;
    db->readers = calloc((size_t)db->reader_count, sizeof(struct pgconn *));
    if (!db->readers)
        die("out of memory");
    for (int i = 0; i < db->reader_count; i++)
        db->readers[i] = pgconn_create(db->loop, LINK_READER, i, &owner);
}

struct db *db_create(struct loop *loop)
{
    struct timeval every = {0, POOL_TICK};
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        die("out of memory");
    db->loop = loop;
    connections_make(db);
    db->tick = event_new(loop->base, -1, EV_PERSIST, on_tick, db);
    if (!db->tick || event_add(db->tick, &every) != 0)
        die("out of memory");
    schema_ask(db);
    return db;
}

void db_destroy(struct db *db)
{
    if (!db)
        return;
    db->dead = true;
    event_free(db->tick);
    pgconn_destroy(db->writer);
    for (int i = 0; i < db->reader_count; i++)
        pgconn_destroy(db->readers[i]);
    free(db->readers);
    struct unit_list *lists[] = {&db->writes, &db->reads, &db->refused};
    for (size_t i = 0; i < countof(lists); i++) {
        for (struct db_unit *unit = unit_pop(lists[i]); unit; unit = unit_pop(lists[i]))
            unit_fail(unit, ERR_BUSY);
    }
    if (!db->pumping)
        free(db);
}

bool db_ready(const struct db *db)
{
    return pgconn_open(db->writer) && db->schema_good;
}

bool db_idle(const struct db *db)
{
    int load = pgconn_load(db->writer);
    for (int i = 0; i < db->reader_count; i++)
        load += pgconn_load(db->readers[i]);
    return load + db->writes.count + db->reads.count + db->refused.count == 0;
}

// --- units --------------------------------------------------------------------------------------

static struct db_unit *unit_make(const struct db_stmt *stmt, struct db_params *params,
                                 db_done *done, void *arg)
{
    struct db_unit *unit = calloc(1, sizeof *unit);
    if (!unit)
        die("out of memory");
    unit->stmt = stmt;
    unit->params = *params;
    unit->done = done;
    unit->arg = arg;
    *params = (struct db_params){0};
    return unit;
}

static void queue_unit(struct db *db, struct db_unit *unit)
{
    bool write = unit->stmt->write;
    unit->turn = ++db->turns;
    unit->deadline = clock_monotonic() + POOL_PATIENCE;
    unit_push(write ? &db->writes : &db->reads, unit);
    pump_later(db);
}

void db_call(struct db *db, const struct db_stmt *stmt, struct db_params *params, db_done *done,
             void *arg)
{
    struct db_unit *unit = unit_make(stmt, params, done, arg);
    if (db->writes.count + db->reads.count < conf.database_queue) {
        queue_unit(db, unit);
        return;
    }
    metric_add(METRIC_db_refused, 1);
    unit_push(&db->refused, unit);
    pump_later(db);
}

void pool_call(struct db *db, const struct db_stmt *stmt, struct db_params *params, db_done *done,
               void *arg)
{
    queue_unit(db, unit_make(stmt, params, done, arg));
}

struct loop *pool_loop(const struct db *db)
{
    return db->loop;
}
