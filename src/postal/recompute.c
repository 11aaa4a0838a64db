#include "postal/recompute.h"

#include <event2/event.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"

enum { AT_ONCE_MAX = 500, BUSY_MS = 50, IDLE_MS = 2000, REST_MAX_MS = 5000 };

static const struct db_stmt waiting_stmt = {
    "dossier.recompute_waiting",
    "select exists (select from dossier.recompute where done_at is null)", false};

static const struct db_stmt some_stmt = {"dossier.recompute_some",
                                         "select dossier.recompute_some($1::int4)", true};

static int slot; // in app->cap: the connection of a loop

static struct {
    struct app_loop *app;
    struct event *timer;
    int64_t began; // clock_monotonic of the batch under way
} work;
static atomic_bool woken;

struct db *recompute_db(struct app_loop *app)
{
    if (!app->cap[slot])
        app->cap[slot] = db_create(&app->loop);
    return app->cap[slot];
}

void recompute_wake(void)
{
    atomic_store(&woken, true);
}

static void next_in(int milliseconds)
{
    struct timeval in = {milliseconds / 1000, milliseconds % 1000 * 1000};
    event_add(work.timer, &in);
}

// It rests as long as a batch took, so that what locks the same dossiers gets its turn.
static void batch_done(void *arg, const struct db_result *r)
{
    (void)arg;
    if (!work.app)
        return;
    int64_t took = (clock_monotonic() - work.began) / 1000;
    if (r->err != ERR_OK && r->err != ERR_BUSY)
        log_warn("postal", NULL, "due dates could not be reckoned anew: %s", err_row(r->err)->slug);
    if (r->err != ERR_OK || r->rows != 1 || !db_bool(r, 0, 0))
        next_in(IDLE_MS);
    else
        next_in(took < BUSY_MS ? BUSY_MS : took > REST_MAX_MS ? REST_MAX_MS : (int)took);
}

static void batch(void)
{
    struct db_params p = {0};
    struct db *db = recompute_db(work.app);
    if (!db) {
        next_in(IDLE_MS);
        return;
    }
    work.began = clock_monotonic();
    db_add_int4(&p, AT_ONCE_MAX);
    db_call(db, &some_stmt, &p, batch_done, NULL);
}

static void asked(void *arg, const struct db_result *r)
{
    (void)arg;
    if (!work.app)
        return;
    if (r->err == ERR_OK && r->rows == 1 && db_bool(r, 0, 0))
        batch();
    else
        next_in(IDLE_MS);
}

// A change made here is begun with at once; one that another instance left is found by asking.
static void turn(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    struct db_params p = {0};
    if (atomic_exchange(&woken, false))
        batch();
    else if (db_ready(work.app->db))
        db_call(work.app->db, &waiting_stmt, &p, asked, NULL);
    else
        next_in(IDLE_MS);
}

void recompute_setup(void)
{
    slot = capability_slot();
}

bool recompute_open(struct app_loop *app)
{
    if (app->loop.index != 0)
        return true;
    work.app = app;
    work.timer = evtimer_new(app->loop.base, turn, NULL);
    if (!work.timer)
        return false;
    next_in(IDLE_MS);
    return true;
}

void recompute_close(struct app_loop *app)
{
    bool works = app == work.app;
    if (works)
        work.app = NULL;
    if (app->cap[slot])
        db_destroy(app->cap[slot]); // a call in flight is answered by this
    app->cap[slot] = NULL;
    if (works) {
        event_free(work.timer);
        work.timer = NULL;
    }
}
