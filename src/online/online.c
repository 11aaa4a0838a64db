#include "online/online.h"

#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "http/server.h"
#include "online/draft_http.h"

// Drafts whose time is over are forgotten by the first loop, some at a time.
enum { EXPIRE_SECONDS = 600 };

static struct event *expiry;

static void expired(void *arg, const struct db_result *r)
{
    (void)arg;
    if (r->err != ERR_OK)
        log_warn("online", NULL, "old drafts stay for now: %s", err_row(r->err)->slug);
    else if (db_int4(r, 0, 0) > 0)
        log_info("online", NULL, "%d drafts forgotten", db_int4(r, 0, 0));
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
    struct app_loop *app = arg;
    (void)fd;
    (void)what;
    if (db_ready(app->db))
        draft_expire(app->db, expired, NULL);
}

static bool online_open(struct app_loop *app)
{
    struct timeval often = {.tv_sec = EXPIRE_SECONDS};
    if (app->loop.index != 0)
        return true;
    expiry = event_new(app->loop.base, -1, EV_PERSIST, on_time, app);
    return expiry && event_add(expiry, &often) == 0;
}

static void online_close(struct app_loop *app)
{
    if (app->loop.index != 0 || !expiry)
        return;
    event_free(expiry);
    expiry = NULL;
}

const struct capability online_capability = {
    .name = "online", .routes = draft_routes, .open = online_open, .close = online_close};
const struct capability pickup_capability = {.name = "pickup", .routes = pickup_routes};
