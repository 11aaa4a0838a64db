#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>
#include <ftw.h>
#include <libpq-fe.h>

#include "base/assets.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/loop.h"
#include "db/db.h"
#include "db/embedded.h"
#include "db/migrate.h"

// What the tests that need a server share: an embedded cluster in a directory of its own under
// /tmp, gone at the end.

struct live {
    char dir[64];
    struct embedded embedded;
    struct loop loop;
};

static int live_remove(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st, (void)flag, (void)at;
    return remove(path);
}

static void live_conf(void)
{
    static char name[] = "test", *argv[] = {name, NULL};
    int argc = 1;
    if (!conf_load(&argc, argv))
        exit(1);
    conf.embedded_memory = 128;
    conf.demo = false;
    log_setup(getenv("TEST_LOG") ? LOG_DEBUG : LOG_ERROR + 1, false);
}

static void live_begin(struct live *live)
{
    live_conf();
    *live = (struct live){.dir = "/tmp/dossierpost-test-XXXXXX"};
    assert_non_null(mkdtemp(live->dir));
    assert_true(embedded_start(&live->embedded, live->dir));
    conf.database_url = live->embedded.service_url;
    conf.database_owner_url = live->embedded.owner_url;
    assert_true(loop_init(&live->loop, 0));
}

static void live_end(struct live *live)
{
    loop_finish(&live->loop);
    embedded_stop(&live->embedded);
    nftw(live->dir, live_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static void live_woken(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what, (void)arg;
}

// One turn of the loop, at most 20 ms of waiting.
static inline void live_step(struct live *live)
{
    struct timeval step = {0, 20000};
    struct event *wake = evtimer_new(live->loop.base, live_woken, NULL);
    event_add(wake, &step);
    event_base_loop(live->loop.base, EVLOOP_ONCE);
    event_free(wake);
}

// Turns the loop until *count reaches `wanted`, or fails after 20 seconds.
static inline void live_until(struct live *live, const volatile int *count, int wanted)
{
    int64_t began = clock_monotonic();
    while (*count < wanted) {
        live_step(live);
        if (clock_monotonic() - began > 20000000)
            fail_msg("waited in vain: %d of %d", *count, wanted);
    }
}

static inline void live_turn(struct live *live, int milliseconds)
{
    int64_t end = clock_monotonic() + milliseconds * INT64_C(1000);
    do
        live_step(live);
    while (clock_monotonic() < end);
}

// One statement by the superuser, from outside; the first column of its first row.
static inline const char *live_sql(struct live *live, const char *dbname, const char *sql)
{
    static char out[256];
    char url[400];
    snprintf(url, sizeof url, "host=%s user=postgres dbname=%s", live->embedded.sockets, dbname);
    PGconn *pg = PQconnectdb(url);
    PGresult *result = PQexec(pg, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(pg));
    snprintf(out, sizeof out, "%s", PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(pg);
    return out;
}
