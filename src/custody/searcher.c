#include "custody/searcher.h"

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "db/db.h"

enum {
    AT_ONCE_MAX = 200,
    LANES_MAX = 5,
    BUSY_MS = 100,
    IDLE_MS = 5000,
    REST_MAX_MS = 60000,
    REST = 9,
    WHOLE_S = 60
};

// A turn reads on in the log; one that came to its end, and one a minute, does the rest too, each
// as a transaction of its own, since the sequencer waits for whatever has written.
struct step {
    struct db_stmt stmt;
    int most; // of what at once; 0: it is not asked
    void (*took)(const struct db_result *r);
};

static struct {
    struct app_loop *app;
    struct db *db;
    struct event *timer;
    const struct step *step; // under way
    int64_t began;           // clock_monotonic of the turn under way
    int64_t whole;           // clock_monotonic of the last turn that did all
    bool behind;             // it did not come to the end of the log
} searcher;

static void read_on(const struct db_result *r);
static void told(const struct db_result *r);
static void counted(const struct db_result *r);

static const struct step steps[] = {
    {{"custody.search_read",
      "select read, behind, cut, passed_over from custody.search_read(p_most => $1::int4)", true},
     AT_ONCE_MAX,
     read_on},
    {{"custody.reckon_lanes", "select custody.reckon_lanes($1::int4)", true}, LANES_MAX, NULL},
    {{"custody.reckon_legs", "select custody.reckon_legs($1::int4)", true}, LANES_MAX, NULL},
    {{"custody.tell_missing", "select custody.tell_missing($1::int4)", true}, AT_ONCE_MAX, told},
    {{"custody.exceptions_age", "select custody.exceptions_age($1::int4)", true},
     AT_ONCE_MAX,
     NULL},
    {{"custody.drop_awaited", "select custody.drop_awaited($1::int4)", true}, AT_ONCE_MAX, NULL},
    {{"custody.drop_legs", "select custody.drop_legs($1::int4)", true}, AT_ONCE_MAX, NULL},
    {{"custody.exceptions_waiting", "select open, overdue from custody.exceptions_waiting()", true},
     0,
     counted},
};
static const struct step *const steps_end = steps + sizeof steps / sizeof *steps;

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

static void read_on(const struct db_result *r)
{
    searcher.behind = db_int4(r, 0, 0) >= AT_ONCE_MAX || db_bool(r, 0, 2);
    metric_set(METRIC_search_lag, db_int8(r, 0, 1));
    if (!db_is_null(r, 0, 3))
        log_warn("custody", NULL, "the search stepped over %s", db_text(r, 0, 3));
}

static void told(const struct db_result *r)
{
    metric_add(METRIC_searches_opened, db_int4(r, 0, 0));
}

static void counted(const struct db_result *r)
{
    metric_set(METRIC_exceptions_open, db_int8(r, 0, 0));
    metric_set(METRIC_exceptions_overdue, db_int8(r, 0, 1));
}

static void stepped(void *arg, const struct db_result *r);

static void step_on(void)
{
    struct db_params p = {0};
    if (searcher.step->most)
        db_add_int4(&p, searcher.step->most);
    db_call(searcher.db, &searcher.step->stmt, &p, stepped, NULL);
}

// What fails holds up nothing but itself, unless the log could not be read.
static void stepped(void *arg, const struct db_result *r)
{
    (void)arg;
    if (!searcher.app)
        return;
    bool failed = r->err != ERR_OK || r->rows != 1;
    if (failed)
        log_warn("custody", NULL, "the search for what is missing failed: %s: %s",
                 searcher.step->stmt.name, err_row(r->err)->slug);
    else if (searcher.step->took)
        searcher.step->took(r);
    if (failed && (searcher.step == steps || !db_ready(searcher.db))) {
        next_in(IDLE_MS);
        return;
    }
    searcher.step++;
    if (searcher.step == steps_end)
        searcher.whole = clock_monotonic();
    if (searcher.behind && clock_monotonic() - searcher.whole < WHOLE_S * 1000000LL)
        next_in(busy_pause());
    else if (searcher.step == steps_end)
        next_in(IDLE_MS);
    else
        step_on();
}

static void turn(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    if (!db_ready(searcher.db)) {
        next_in(IDLE_MS);
        return;
    }
    searcher.began = clock_monotonic();
    searcher.behind = false;
    searcher.step = steps;
    step_on();
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
