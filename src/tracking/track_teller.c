#include "tracking/track_teller.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/server.h"
#include "tracking/track_db.h"

enum {
    WAITING_MAX = 4096,
    AT_ONCE = 16,
    POSITIONS = 2000,
    IDLE_MS = 1000,
    LEAST_MS = 20,
    REST = 9
};

static struct {
    struct app_loop *app;
    struct db *db;
    struct event *timer;
    int64_t began; // of the call under way, clock_monotonic
} teller;

// A ring of keys to be told; the oldest is overwritten.
static struct {
    pthread_mutex_t lock;
    char keys[WAITING_MAX][TRACK_KEY_MAX];
    unsigned int put, taken;
} ring = {.lock = PTHREAD_MUTEX_INITIALIZER};

void track_teller_want(const char *key)
{
    pthread_mutex_lock(&ring.lock);
    snprintf(ring.keys[ring.put++ % WAITING_MAX], TRACK_KEY_MAX, "%s", key);
    if (ring.put - ring.taken > WAITING_MAX)
        ring.taken = ring.put - WAITING_MAX;
    pthread_mutex_unlock(&ring.lock);
}

static int take(char (*keys)[TRACK_KEY_MAX], int most)
{
    int count = 0;
    pthread_mutex_lock(&ring.lock);
    while (count < most && ring.taken != ring.put)
        memcpy(keys[count++], ring.keys[ring.taken++ % WAITING_MAX], TRACK_KEY_MAX);
    pthread_mutex_unlock(&ring.lock);
    return count;
}

static void next_in(int64_t ms)
{
    struct timeval in = {ms / 1000, ms % 1000 * 1000};
    event_add(teller.timer, &in);
}

static void rest(void)
{
    int64_t ms = (clock_monotonic() - teller.began) / 1000 * REST;
    next_in(ms > LEAST_MS ? ms : LEAST_MS);
}

static void kept(void *arg, const struct db_result *r)
{
    (void)arg;
    if (!teller.app)
        return;
    if (r->err == ERR_OK && r->rows == 1)
        metric_add(METRIC_track_told, db_int4(r, 0, 0));
    else
        log_warn("track", NULL, "answers could not be kept: %s", err_row(r->err)->slug);
    rest();
}

static void looked(void *arg, const struct db_result *r)
{
    (void)arg;
    if (!teller.app)
        return;
    if (r->err == ERR_OK && r->rows > 0) {
        track_db_keep(teller.db, r, kept, NULL);
        return;
    }
    if (r->err != ERR_OK)
        log_warn("track", NULL, "answers could not be made: %s", err_row(r->err)->slug);
    rest();
}

static void want_again(const struct db_result *r)
{
    const char *at = db_text(r, 0, TOLD_GONE);
    char key[TRACK_KEY_MAX];
    while (at && *at) {
        size_t len = strcspn(at, " ");
        snprintf(key, sizeof key, "%.*s", (int)len, at);
        track_teller_want(key);
        at += len + (at[len] == ' ');
    }
}

static void moved_on(void *arg, const struct db_result *r)
{
    char keys[AT_ONCE][TRACK_KEY_MAX];
    (void)arg;
    if (!teller.app)
        return;
    if (r->err != ERR_OK || r->rows != 1) {
        log_warn("track", NULL, "kept answers could not be looked at: %s", err_row(r->err)->slug);
        next_in(IDLE_MS);
        return;
    }
    want_again(r);
    int count = db_bool(r, 0, TOLD_MORE) ? 0 : take(keys, AT_ONCE);
    if (count > 0)
        track_db_look_keys(teller.db, (const char(*)[TRACK_KEY_MAX])keys, count, looked, NULL);
    else if (db_bool(r, 0, TOLD_MORE))
        rest();
    else
        next_in(IDLE_MS);
}

static void turn(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    if (!db_ready(teller.db)) {
        next_in(IDLE_MS);
        return;
    }
    teller.began = clock_monotonic();
    track_db_told_on(teller.db, POSITIONS, moved_on, NULL);
}

bool track_teller_open(struct app_loop *app)
{
    if (app->loop.index != 0)
        return true;
    teller.app = app;
    teller.db = db_create(&app->loop);
    teller.timer = evtimer_new(app->loop.base, turn, NULL);
    if (!teller.db || !teller.timer)
        return false;
    next_in(IDLE_MS);
    return true;
}

void track_teller_close(struct app_loop *app)
{
    if (app != teller.app)
        return;
    teller.app = NULL;
    db_destroy(teller.db); // a call in flight is answered by this
    event_free(teller.timer);
    teller.timer = NULL;
}
