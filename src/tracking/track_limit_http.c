#include "tracking/track_limit_http.h"

#include <event2/event.h>
#include <stdatomic.h>

#include "account/account.h"
#include "base/metrics.h"
#include "http/respond.h"
#include "http/server.h"
#include "tracking/track_limit.h"

enum { HELD_MOST = 2000 }; // connections of the process whose answer waits

struct held {
    track_go *go;
    void *arg;
};

static atomic_int held_count;

static bool exempt(const struct request *req)
{
    return (req->who.roles & (ROLE_STAFF | ROLE_INTEGRATOR)) != 0;
}

static void refuse(struct request *req, int wait)
{
    metric_add(METRIC_track_refused, 1);
    reply_header(req, "Retry-After", arena_printf(&req->arena, "%d", wait / 1000 + 1));
    reply_problem(req, ERR_TOO_MANY_REQUESTS, NULL);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
    struct held *held = arg;
    atomic_fetch_sub(&held_count, 1);
    held->go(held->arg);
}

static void hold(struct request *req, int wait, track_go *go, void *arg)
{
    struct timeval later = {wait / 1000, wait % 1000 * 1000};
    struct held *held = arena_alloc(&req->arena, sizeof *held);
    *held = (struct held){go, arg};
    if (atomic_fetch_add(&held_count, 1) < HELD_MOST &&
        event_base_once(req->app->loop.base, -1, EV_TIMEOUT, on_time, held, &later) == 0) {
        metric_add(METRIC_track_slowed, 1);
        return;
    }
    atomic_fetch_sub(&held_count, 1);
    refuse(req, wait);
}

void track_limited(struct request *req, const char *key, size_t len, track_go *go, void *arg)
{
    int wait = 0;
    enum track_admission admission = TRACK_ADMIT;
    if (!exempt(req))
        admission = track_limit_ask(req->peer, key, len, &wait);
    if (admission == TRACK_ADMIT)
        go(arg);
    else if (admission == TRACK_SLOW)
        hold(req, wait, go, arg);
    else
        refuse(req, wait);
}

void track_not_known(struct request *req, const char *key, size_t len)
{
    if (!exempt(req))
        track_limit_unknown(req->peer, key, len);
}
