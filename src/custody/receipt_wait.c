#include "custody/receipt_wait.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/log.h"
#include "custody/receipt_db.h"
#include "db/listen.h"

enum { TICK_MS = 100, PATIENCE_MS = 1000 };

static int slot; // in app->cap

// One answer that waits.
struct waiting {
    struct waiting *next, **at; // at NULL: it is asking
    struct log_watch *watch;
    struct request *req;
    const struct scan *scans;
    int count;
    unsigned heard; // watch->heard when it asked
    int waited_ms;
    struct event *tick;
    receipt_come *come;
    void *arg;
};

// Who waits on a loop for the log to grow.
struct log_watch {
    struct waiting *first;
    unsigned heard; // times it grew
};

static void ask(struct waiting *one);

static void park(struct waiting *one)
{
    struct log_watch *watch = one->watch;
    one->next = watch->first;
    one->at = &watch->first;
    if (one->next)
        one->next->at = &one->next;
    watch->first = one;
}

static void unpark(struct waiting *one)
{
    *one->at = one->next;
    if (one->next)
        one->next->at = one->at;
    one->at = NULL;
}

static void over(struct waiting *one, enum err err, const char *detail, int64_t position)
{
    event_free(one->tick);
    one->come(one->arg, err, detail, position);
}

// A look-up that fails leaves the receipt as it would have been without it.
static void asked(void *arg, const struct db_result *r)
{
    struct waiting *one = arg;
    bool known = r->err == ERR_OK && !db_is_null(r, 0, 0);
    if (known || r->err != ERR_OK || one->waited_ms >= PATIENCE_MS)
        over(one, ERR_OK, NULL, known ? db_int8(r, 0, 0) : 0);
    else if (one->heard != one->watch->heard)
        ask(one);
    else
        park(one);
}

static void ask(struct waiting *one)
{
    one->heard = one->watch->heard;
    position_call(one->req->app->db, one->scans, one->count, asked, one);
}

// Another transaction may have held the log back: it does not say when it ends.
static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct waiting *one = arg;
    one->waited_ms += TICK_MS;
    if (one->waited_ms < PATIENCE_MS) {
        custody_poke();
    } else if (one->at) {
        unpark(one);
        ask(one);
    }
}

static void counted(void *arg, const struct db_result *r)
{
    struct waiting *one = arg;
    bool known = r->err == ERR_OK && !db_is_null(r, 0, 0);
    if (known || r->err != ERR_OK || !receipt_has_events(one->scans, one->count))
        over(one, r->err, r->detail, known ? db_int8(r, 0, 0) : 0);
    else
        asked(one, r);
}

void receipt_wait(struct request *req, int64_t device, const struct scan *scans, int count,
                  receipt_come *come, void *arg)
{
    struct timeval every = {.tv_usec = TICK_MS * 1000};
    struct waiting *one = arena_alloc(&req->arena, sizeof *one);
    *one = (struct waiting){.watch = req->app->cap[slot],
                            .req = req,
                            .scans = scans,
                            .count = count,
                            .come = come,
                            .arg = arg};
    one->heard = one->watch->heard;
    one->tick = event_new(req->app->loop.base, -1, EV_PERSIST, on_tick, one);
    if (!one->tick || event_add(one->tick, &every) != 0)
        die("out of memory");
    receipt_call(req->app->db, device, scans, count, counted, one);
}

static void heard(void *arg, const char *payload)
{
    struct log_watch *watch = arg;
    struct waiting *one;
    watch->heard++;
    while ((one = watch->first)) {
        unpark(one);
        ask(one);
    }
}

bool receipt_wait_setup(void)
{
    slot = capability_slot();
    return true;
}

bool receipt_wait_open(struct app_loop *app)
{
    struct log_watch *watch = calloc(1, sizeof *watch);
    app->cap[slot] = watch;
    if (watch)
        listener_add(app->notices, "log", &app->loop, heard, watch);
    return watch != NULL;
}

void receipt_wait_close(struct app_loop *app)
{
    struct log_watch *watch = app->cap[slot];
    struct waiting *one;
    while (watch && (one = watch->first)) {
        unpark(one);
        over(one, ERR_OK, NULL, 0);
    }
    free(watch);
}
