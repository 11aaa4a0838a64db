#include "custody/sequencer.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "custody/checkpoint_maker.h"
#include "custody/custody.h"
#include "db/db.h"

enum { AT_ONCE_MAX = 2000, BUSY_MS = 50, POKED_MS = 20, IDLE_MS = 1000 };
static const int64_t day = 86400LL * 1000000;

static struct {
    struct app_loop *app;
    struct db *db;
    struct event *timer;
    bool running;       // a call is under way
    bool adopted;       // the log's transaction numbers are this cluster's
    atomic_bool wanted; // poked since the last call
    int64_t daily;      // clock_monotonic of the last daily work, 0: never
} sequencer;

static const struct db_stmt sequence_stmt = {
    "custody.sequence", "select given, last from custody.sequence($1::int4)", true};
static const struct db_stmt adopt_stmt = {"custody.adopt", "select custody.adopt()", true};
static const struct db_stmt partitions_stmt = {"custody.make_partitions",
                                               "select custody.make_partitions()", true};
static const struct db_stmt daily_stmt = {"custody.daily", "select custody.daily()", true};

static void next_in(int milliseconds)
{
    struct timeval in = {milliseconds / 1000, milliseconds % 1000 * 1000};
    event_add(sequencer.timer, &in);
}

static void kept_up(void *arg, const struct db_result *r)
{
    (void)arg;
    if (r->err != ERR_OK)
        log_warn("custody", NULL, "the upkeep failed: %s", err_row(r->err)->slug);
}

// Daily: partitions ahead of need, and what custody.daily() looks after.
static void keep_up(void)
{
    struct db_params none = {0};
    int64_t now = clock_monotonic();
    if (sequencer.daily == 0 || now - sequencer.daily > day) {
        sequencer.daily = now;
        db_call(sequencer.db, &partitions_stmt, &none, kept_up, NULL);
        db_call(sequencer.db, &daily_stmt, &none, kept_up, NULL);
    }
}

static void sequenced(void *arg, const struct db_result *r)
{
    (void)arg;
    sequencer.running = false;
    if (r->err != ERR_OK || r->rows != 1) {
        next_in(IDLE_MS);
        return;
    }
    int32_t given = db_int4(r, 0, 0);
    metric_set(METRIC_log_position, db_int8(r, 0, 1));
    metric_add(METRIC_log_sequenced, given);
    checkpoint_maker_turn(db_int8(r, 0, 1), given > 0);
    next_in(given > 0 || atomic_load(&sequencer.wanted) ? BUSY_MS : IDLE_MS);
}

// Once a start: a database restored from a dump counts its transactions anew.
static void adopted(void *arg, const struct db_result *r)
{
    (void)arg;
    sequencer.running = false;
    sequencer.adopted = r->err == ERR_OK && r->rows == 1;
    if (!sequencer.adopted)
        log_warn("custody", NULL, "the log was not looked at before sequencing: %s",
                 err_row(r->err)->slug);
    else if (!db_is_null(r, 0, 0))
        log_warn("custody", NULL,
                 "this database came from another cluster; its log goes on here, %" PRId64
                 " events without a position come first",
                 db_int8(r, 0, 0));
    next_in(sequencer.adopted ? BUSY_MS : IDLE_MS);
}

static void turn(evutil_socket_t fd, short what, void *arg)
{
    struct db_params p = {0};
    (void)fd;
    (void)what;
    (void)arg;
    if (!db_ready(sequencer.db)) {
        next_in(IDLE_MS);
        return;
    }
    sequencer.running = true;
    if (!sequencer.adopted) {
        db_call(sequencer.db, &adopt_stmt, &p, adopted, NULL);
        return;
    }
    keep_up();
    atomic_store(&sequencer.wanted, false);
    db_add_int4(&p, AT_ONCE_MAX);
    db_call(sequencer.db, &sequence_stmt, &p, sequenced, NULL);
}

static void hurry(void *arg)
{
    (void)arg;
    if (sequencer.timer && !sequencer.running)
        next_in(POKED_MS);
}

void custody_poke(void)
{
    if (sequencer.app && !atomic_exchange(&sequencer.wanted, true))
        loop_post(&sequencer.app->loop, hurry, NULL);
}

bool sequencer_open(struct app_loop *app)
{
    if (app->loop.index != 0)
        return true;
    sequencer.app = app;
    sequencer.db = db_create(&app->loop);
    sequencer.timer = evtimer_new(app->loop.base, turn, NULL);
    if (!sequencer.db || !sequencer.timer)
        return false;
    checkpoint_maker_open(app, sequencer.db);
    next_in(BUSY_MS);
    return true;
}

void sequencer_close(struct app_loop *app)
{
    if (app != sequencer.app)
        return;
    sequencer.app = NULL;
    db_destroy(sequencer.db); // a call in flight is answered by this, and sets the timer once more
    event_free(sequencer.timer);
    sequencer.timer = NULL;
    checkpoint_maker_close();
}
