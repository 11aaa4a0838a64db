#include "db/pgconn.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/metrics.h"
#include "db/dial.h"
#include "db/prepared.h"

enum { DEPTH = 16 }; // units in flight

struct pgconn {
    struct loop *loop;
    enum link_kind kind;
    struct pgconn_owner owner;
    char subject[64];
    int number;
    struct dial dial;
    PGconn *pg; // NULL while it is being opened
    struct event *readable, *writable;
    struct prepared prepared;
    struct unit_list flight;
    PGresult *main; // of the first in flight: its answer so far
    bool unsure;    // … its commit may not have been replicated
    bool fatal;     // … the server said that it leaves instead of answering
    bool success;   // … it succeeded before whatever came then; only the commit was missing
    bool bystander; // the server stops because another of its processes crashed
    bool aborted;   // … one before it failed, so it was not run
    bool leaving;   // takes nothing more, to be dropped when nothing is in flight
    bool unsynced;  // brief look-ups were sent without their Sync
};

static void subject_set(struct pgconn *conn)
{
    int len = snprintf(conn->subject, sizeof conn->subject, "conn=%d%c%d", conn->loop->index,
                       conn->kind == LINK_WRITER ? 'w' : 'r', conn->number);
    if (conn->pg)
        snprintf(conn->subject + len, sizeof conn->subject - (size_t)len, " backend=%d",
                 PQbackendPID(conn->pg));
}

static bool state_is(const PGresult *result, const char *state)
{
    const char *found = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return found && strcmp(found, state) == 0;
}

static void on_notice(void *arg, const PGresult *notice)
{
    struct pgconn *conn = arg;
    const char *from = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
    const char *text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    // "canceling wait for synchronous replication": by its place, as its text is translated.
    if (from && strcmp(from, "SyncRepWaitForLSN") == 0)
        conn->unsure = true;
    if (state_is(notice, "57P02"))
        conn->bystander = true;
    if (link_farewell(notice)) // to an idle connection
        conn->leaving = true;
    log_warn("db", conn->subject, "%s", text ? text : "warning without text");
}

static void pgconn_opened(void *arg, PGconn *pg);
static void on_ready(evutil_socket_t fd, short what, void *arg);

struct pgconn *pgconn_create(struct loop *loop, enum link_kind kind, int number,
                             const struct pgconn_owner *owner)
{
    struct pgconn *conn = calloc(1, sizeof *conn);
    if (!conn)
        die("out of memory");
    conn->loop = loop;
    conn->kind = kind;
    conn->number = number;
    conn->owner = *owner;
    subject_set(conn);
    dial_init(&conn->dial, loop, kind, conn->subject, pgconn_opened, conn);
    conn->readable = event_new(loop->base, -1, 0, on_ready, conn);
    conn->writable = event_new(loop->base, -1, 0, on_ready, conn);
    if (!conn->readable || !conn->writable)
        die("out of memory");
    dial_again(&conn->dial);
    return conn;
}

static void pgconn_opened(void *arg, PGconn *pg)
{
    struct pgconn *conn = arg;
    conn->pg = pg;
    subject_set(conn);
    if (!PQenterPipelineMode(pg)) {
        pgconn_drop(conn, PQerrorMessage(pg));
        return;
    }
    PQsetNoticeReceiver(pg, on_notice, conn);
    event_assign(conn->readable, conn->loop->base, PQsocket(pg), EV_READ | EV_PERSIST, on_ready,
                 conn);
    event_assign(conn->writable, conn->loop->base, PQsocket(pg), EV_WRITE, on_ready, conn);
    event_add(conn->readable, NULL);
    metric_add(METRIC_db_connections, 1);
    log_info("db", conn->subject, "connected to %s", PQhost(pg));
    conn->owner.ready(conn->owner.arg);
}

// --- losing it ----------------------------------------------------------------------------------

static bool answered(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

// With an error as its answer it was rolled back, unless that only says that the server left in
// the middle of the commit.
static enum unit_fate fate_of_first(const struct pgconn *conn)
{
    if (!conn->main || answered(conn->main) || (conn->fatal && conn->success))
        return UNIT_UNKNOWN;
    return conn->fatal ? UNIT_UNDONE : UNIT_ANSWERED;
}

static void hand_back(struct pgconn *conn, struct unit_list *flight, PGresult *main,
                      enum unit_fate first, enum unit_fate others, bool bystander)
{
    enum unit_fate fate = first;
    for (struct db_unit *unit = unit_pop(flight); unit; unit = unit_pop(flight)) {
        // A look-up that did not bring the server down may be asked again freely.
        if (bystander && !unit->stmt->write && fate == UNIT_UNKNOWN)
            fate = UNIT_UNDONE;
        conn->owner.back(conn->owner.arg, unit, fate, main, conn->subject);
        PQclear(main);
        main = NULL;
        fate = others;
    }
    PQclear(main);
}

static void pgconn_close(struct pgconn *conn)
{
    struct unit_list flight = conn->flight;
    PGresult *main = conn->main;
    bool bystander = conn->bystander;
    enum unit_fate first = fate_of_first(conn);
    enum unit_fate others = conn->fatal ? UNIT_UNDONE : UNIT_UNKNOWN;
    event_del(conn->readable);
    event_del(conn->writable);
    prepared_finish(&conn->prepared);
    PQfinish(conn->pg);
    conn->pg = NULL;
    conn->main = NULL;
    conn->flight = (struct unit_list){0};
    conn->unsure = conn->fatal = conn->success = conn->leaving = conn->bystander = false;
    conn->aborted = conn->unsynced = false;
    metric_add(METRIC_db_connections, -1);
    hand_back(conn, &flight, main, first, others, bystander);
}

void pgconn_drop(struct pgconn *conn, const char *why)
{
    log_warn("db", conn->subject, "connection lost with %d in flight: %.*s", conn->flight.count,
             (int)strcspn(why, "\n"), why);
    pgconn_close(conn);
    subject_set(conn);
    conn->dial.failures += conn->dial.failures == 0; // not in the same moment
    dial_again(&conn->dial);
}

void pgconn_destroy(struct pgconn *conn)
{
    if (!conn)
        return;
    if (conn->pg)
        pgconn_close(conn);
    dial_finish(&conn->dial);
    event_free(conn->readable);
    event_free(conn->writable);
    free(conn);
}

// --- sending ------------------------------------------------------------------------------------

bool pgconn_open(const struct pgconn *conn)
{
    return conn->pg != NULL;
}

bool pgconn_takes(const struct pgconn *conn)
{
    return conn->pg && !conn->leaving && conn->flight.count < DEPTH;
}

int pgconn_load(const struct pgconn *conn)
{
    return conn->flight.count;
}

int64_t pgconn_oldest(const struct pgconn *conn)
{
    return conn->flight.head ? conn->flight.head->sent : 0;
}

static void take_results(struct pgconn *conn);

static void flush(struct pgconn *conn)
{
    if (PQflush(conn->pg) == 1)
        event_add(conn->writable, NULL);
}

bool pgconn_shares(const struct pgconn *conn)
{
    return conn->unsynced;
}

void pgconn_sync(struct pgconn *conn)
{
    if (!conn->unsynced)
        return;
    conn->unsynced = false;
    if (PQpipelineSync(conn->pg)) {
        flush(conn);
        return;
    }
    // What the server said before it left may be here already.
    take_results(conn);
    pgconn_drop(conn, PQerrorMessage(conn->pg));
}

void pgconn_send(struct pgconn *conn, struct db_unit *unit)
{
    if (!unit->stmt->brief)
        pgconn_sync(conn);
    unit->sent = clock_monotonic();
    if (!prepared_send(&conn->prepared, conn->pg, unit->stmt, &unit->params, &unit->preparing)) {
        // Without its Sync it cannot have been committed.
        conn->owner.back(conn->owner.arg, unit, UNIT_UNDONE, NULL, conn->subject);
        pgconn_drop(conn, PQerrorMessage(conn->pg));
        return;
    }
    metric_add(METRIC_db_queries, 1);
    if (conn->unsynced)
        conn->flight.last->followed = true;
    unit->followed = false;
    unit_push(&conn->flight, unit);
    conn->unsynced = true;
    if (!unit->stmt->brief)
        pgconn_sync(conn);
}

// --- receiving ----------------------------------------------------------------------------------

static void first_answered(struct pgconn *conn)
{
    struct db_unit *unit = unit_pop(&conn->flight);
    PGresult *main = conn->main;
    enum unit_fate fate = conn->aborted ? UNIT_UNDONE : conn->unsure ? UNIT_UNSURE : UNIT_ANSWERED;
    conn->main = NULL;
    conn->unsure = conn->success = conn->aborted = false;
    dial_good(&conn->dial);
    metric_observe(METRIC_db_seconds, clock_monotonic() - unit->sent);
    conn->owner.back(conn->owner.arg, unit, fate, main, conn->subject);
    PQclear(main);
}

static void error_received(struct pgconn *conn, PGresult *result)
{
    struct db_unit *unit = conn->flight.head;
    if (unit->preparing || state_is(result, "26000") || state_is(result, "0A000"))
        prepared_forget(&conn->prepared, unit->stmt);
    if (state_is(result, "25006") && conn->kind == LINK_WRITER)
        conn->leaving = true;
    if (link_farewell(result))
        conn->fatal = true;
    PQclear(conn->main);
    conn->main = result;
}

// One of those that share the Sync failed before it.
static void not_run(struct pgconn *conn, PGresult *result)
{
    struct db_unit *unit = conn->flight.head;
    if (unit->preparing)
        prepared_forget(&conn->prepared, unit->stmt);
    conn->aborted = !conn->main;
    PQclear(result);
}

static void command_answered(struct pgconn *conn, PGresult *result)
{
    if (PQresultStatus(result) == PGRES_FATAL_ERROR) {
        error_received(conn, result);
    } else if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED) {
        not_run(conn, result);
    } else if (answered(result) && !conn->flight.head->preparing) {
        conn->success = true;
        PQclear(conn->main);
        conn->main = result;
    } else {
        PQclear(result);
    }
}

// False: the connection has nothing more to say.
static bool result_received(struct pgconn *conn, PGresult *result)
{
    struct db_unit *unit = conn->flight.head;
    ExecStatusType status = PQresultStatus(result);
    bool last = !unit->preparing;
    if (status == PGRES_FATAL_ERROR && !PQresultErrorField(result, PG_DIAG_SQLSTATE)) {
        PQclear(result);
        return false;
    }
    if (status == PGRES_PIPELINE_SYNC) {
        PQclear(result);
        first_answered(conn);
        return true;
    }
    command_answered(conn, result);
    unit->preparing = false;
    if (last && unit->followed && !conn->fatal)
        first_answered(conn);
    return true;
}

// libpq separates the answers of a pipeline by NULLs; two in a row mean that it has no more.
static void take_results(struct pgconn *conn)
{
    int nulls = 0;
    if (!conn->flight.head)
        PQisBusy(conn->pg); // takes in what is said to an idle connection
    while (conn->pg && conn->flight.head && nulls < 3 && !PQisBusy(conn->pg)) {
        PGresult *result = PQgetResult(conn->pg);
        nulls = result ? 0 : nulls + 1;
        if (result && !result_received(conn, result))
            return;
    }
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
    struct pgconn *conn = arg;
    bool heard = PQconsumeInput(conn->pg);
    take_results(conn);
    if (!conn->pg)
        return;
    if (!heard || PQstatus(conn->pg) == CONNECTION_BAD)
        pgconn_drop(conn, PQerrorMessage(conn->pg));
    else if (conn->leaving && conn->flight.count == 0)
        pgconn_drop(conn, "the server leaves or became read-only");
    else
        flush(conn);
    conn->owner.ready(conn->owner.arg);
}
