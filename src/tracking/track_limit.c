#include "tracking/track_limit.h"

#include <event2/event.h>
#include <string.h>
#include <time.h>

#include "base/conf.h"
#include "base/log.h"
#include "http/server.h"
#include "tracking/track_limit_db.h"

enum { TOLD_AT_ONCE = 1024, NOTABLE_PARTS = 4 };

static struct {
    struct track_meter *meter; // NULL: no limit
    struct event *second;      // the first loop's, as is all below
    bool asking, failing;
} limit;

// The coarse clock ticks every few milliseconds and costs a tenth.
static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

enum track_admission track_limit_ask(const char *address, const char *key, size_t len, int *wait)
{
    *wait = 0;
    if (limit.meter == NULL)
        return TRACK_ADMIT;
    return track_meter_ask(limit.meter, track_meter_place(address), key, len, now_ns(), wait);
}

void track_limit_unknown(const char *address, const char *key, size_t len)
{
    if (limit.meter != NULL)
        track_meter_unknown(limit.meter, track_meter_place(address), key, len, now_ns());
}

// --- what all instances count together ----------------------------------------------------------

static void exchanged(void *arg, const struct db_result *r);

static void on_second(evutil_socket_t fd, short what, void *arg)
{
    static struct track_use used[TOLD_AT_ONCE];
    struct app_loop *app = arg;
    if (limit.asking)
        return;
    int count = track_meter_take(limit.meter, now_ns(), used, TOLD_AT_ONCE);
    int64_t most = track_meter_most(limit.meter);
    limit.asking = true;
    track_exchange(app->db, used, count, most, most / 2 / NOTABLE_PARTS, exchanged, NULL);
}

// What was told and got lost is not told again: better a little too few than counted twice.
static void exchanged(void *arg, const struct db_result *r)
{
    bool good = r->err == ERR_OK;
    limit.asking = false;
    if (!good && !limit.failing)
        log_warn("track", NULL, "look-ups are counted by this instance alone: %s",
                 err_row(r->err)->slug);
    limit.failing = !good;
    for (int row = 0; good && row < r->rows; row++) {
        struct track_use use = {track_meter_place(db_text(r, row, EXCHANGE_ADDRESS)),
                                db_int8(r, row, EXCHANGE_USED)};
        track_meter_learn(limit.meter, &use, now_ns());
    }
}

// --- the process's ------------------------------------------------------------------------------

bool track_limit_setup(void)
{
    if (conf.track_rate > 0)
        limit.meter = track_meter_create(conf.track_rate, conf.track_burst);
    return true;
}

bool track_limit_open(struct app_loop *app)
{
    struct timeval second = {.tv_sec = 1};
    if (limit.meter == NULL || app->loop.index != 0)
        return true;
    limit.second = event_new(app->loop.base, -1, EV_PERSIST, on_second, app);
    return limit.second != NULL && event_add(limit.second, &second) == 0;
}

void track_limit_close(struct app_loop *app)
{
    if (app->loop.index != 0)
        return;
    if (limit.second != NULL)
        event_free(limit.second);
    track_meter_destroy(limit.meter);
    limit.meter = NULL;
    limit.second = NULL;
}
