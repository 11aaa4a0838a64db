#include "custody/searcher.h"

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "db/db.h"

enum { AT_ONCE_MAX = 1000, BUSY_MS = 100, IDLE_MS = 5000, REST_MAX_MS = 60000, REST = 9 };

static struct {
    struct app_loop *app;
    struct db *db;
    struct event *timer;
    int64_t began; // clock_monotonic of the turn under way
} searcher;

static const struct db_stmt search_stmt = {
    "custody.search_missing",
    "select read, opened, open, overdue from custody.search_missing(p_most => $1::int4)", true};

static void next_in(int milliseconds)
{
    struct timeval in = {milliseconds / 1000, milliseconds % 1000 * 1000};
    event_add(searcher.timer, &in);
}

// While there is more to read it turns on: a service that was away catches up, but rests nine times
// as long as a turn took, so that scans keep nine tenths of what the two would share.
static int busy_pause(void)
{
    int64_t rest = (clock_monotonic() - searcher.began) / 1000 * REST;
    return rest < BUSY_MS ? BUSY_MS : rest > REST_MAX_MS ? REST_MAX_MS : (int)rest;
}

static void searched(void *arg, const struct db_result *r)
{
    (void)arg;
    if (!searcher.app)
        return;
    if (r->err != ERR_OK || r->rows != 1) {
        log_warn("custody", NULL, "the search for what is missing failed: %s",
                 err_row(r->err)->slug);
        next_in(IDLE_MS);
        return;
    }
    metric_add(METRIC_searches_opened, db_int4(r, 0, 1));
    metric_set(METRIC_exceptions_open, db_int8(r, 0, 2));
    metric_set(METRIC_exceptions_overdue, db_int8(r, 0, 3));
    next_in(db_int4(r, 0, 0) >= AT_ONCE_MAX ? busy_pause() : IDLE_MS);
}

static void turn(evutil_socket_t fd, short what, void *arg)
{
    struct db_params p = {0};
    (void)fd;
    (void)what;
    (void)arg;
    if (!db_ready(searcher.db)) {
        next_in(IDLE_MS);
        return;
    }
    searcher.began = clock_monotonic();
    db_add_int4(&p, AT_ONCE_MAX);
    db_call(searcher.db, &search_stmt, &p, searched, NULL);
}

bool searcher_open(struct app_loop *app)
{
    if (app->loop.index != 0)
        return true;
    searcher.app = app;
    searcher.db = db_create(&app->loop);
    searcher.timer = evtimer_new(app->loop.base, turn, NULL);
    if (!searcher.db || !searcher.timer)
        return false;
    next_in(IDLE_MS);
    return true;
}

void searcher_close(struct app_loop *app)
{
    if (app != searcher.app)
        return;
    searcher.app = NULL;
    db_destroy(searcher.db); // a call in flight is answered by this
    event_free(searcher.timer);
    searcher.timer = NULL;
}
