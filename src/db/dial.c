#include "db/dial.h"

#include <event2/event.h>
#include <sodium.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/loop.h"

enum { PAUSE_FIRST = 50, PAUSE_MAX = 3000 }; // milliseconds

static void timer_in(struct dial *dial, int64_t milliseconds)
{
    struct timeval wait = {milliseconds / 1000, milliseconds % 1000 * 1000};
    event_add(dial->timer, &wait);
}

static void dial_drop(struct dial *dial)
{
    event_del(dial->io);
    event_del(dial->timer);
    PQfinish(dial->pg);
    dial->pg = NULL;
    dial->setting = false;
}

// The first line of libpq's message is enough for one log line.
static void dial_failed(struct dial *dial, const char *why)
{
    if (dial->failures == 0 || dial->failures % 10 == 0)
        log_warn("db", dial->subject, "cannot connect: %.*s", (int)strcspn(why, "\n"), why);
    dial_drop(dial);
    dial->failures++;
    dial_again(dial);
}

static void on_notice(void *arg, const PGresult *notice)
{
    struct dial *dial = arg;
    const char *text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    dial->farewell = dial->farewell || link_farewell(notice);
    log_warn("db", dial->subject, "%s", text ? text : "warning without text");
}

static void dial_done(struct dial *dial)
{
    if (dial->farewell) {
        dial_failed(dial, "the server ended the connection");
        return;
    }
    PGconn *pg = dial->pg;
    dial->pg = NULL;
    dial_drop(dial);
    dial->opened(dial->arg, pg);
}

static void on_io(evutil_socket_t fd, short what, void *arg);

static void io_wait(struct dial *dial, short what)
{
    event_del(dial->io);
    event_assign(dial->io, dial->loop->base, PQsocket(dial->pg), what, on_io, dial);
    event_add(dial->io, NULL);
}

static void settings_send(struct dial *dial)
{
    struct buf sql = {0};
    dial->setting = true;
    link_settings(&sql, dial->pg, dial->kind);
    if (dial->extra)
        buf_text(&sql, dial->extra);
    bool sent = PQsetnonblocking(dial->pg, 1) == 0 && PQsendQuery(dial->pg, sql.data);
    buf_finish(&sql);
    if (!sent)
        dial_failed(dial, PQerrorMessage(dial->pg));
    else
        io_wait(dial, PQflush(dial->pg) == 1 ? EV_READ | EV_WRITE : EV_READ);
}

static void settings_go_on(struct dial *dial)
{
    int waiting = PQflush(dial->pg);
    if (waiting < 0 || !PQconsumeInput(dial->pg)) {
        dial_failed(dial, PQerrorMessage(dial->pg));
        return;
    }
    while (!PQisBusy(dial->pg)) {
        PGresult *result = PQgetResult(dial->pg);
        if (!result) {
            dial_done(dial);
            return;
        }
        bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
        if (!good) {
            dial_failed(dial, PQerrorMessage(dial->pg));
            return;
        }
    }
    io_wait(dial, waiting ? EV_READ | EV_WRITE : EV_READ);
}

static void dial_go_on(struct dial *dial)
{
    switch (PQconnectPoll(dial->pg)) {
    case PGRES_POLLING_OK:
        settings_send(dial);
        break;
    case PGRES_POLLING_READING:
        io_wait(dial, EV_READ);
        break;
    case PGRES_POLLING_WRITING:
        io_wait(dial, EV_WRITE);
        break;
    default:
        dial_failed(dial, PQerrorMessage(dial->pg));
    }
}

static void on_io(evutil_socket_t fd, short what, void *arg)
{
    struct dial *dial = arg;
    if (dial->setting)
        settings_go_on(dial);
    else
        dial_go_on(dial);
}

static void dial_begin(struct dial *dial)
{
    dial->pg = link_start(conf.database_url, dial->kind);
    dial->farewell = false;
    PQsetNoticeReceiver(dial->pg, on_notice, dial);
    if (PQstatus(dial->pg) == CONNECTION_BAD) {
        dial_failed(dial, PQerrorMessage(dial->pg));
        return;
    }
    timer_in(dial, conf.database_connect_timeout * 1000);
    io_wait(dial, EV_WRITE);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct dial *dial = arg;
    if (dial->pg)
        dial_failed(dial, "no answer in time");
    else
        dial_begin(dial);
}

void dial_init(struct dial *dial, struct loop *loop, enum link_kind kind, const char *subject,
               void (*opened)(void *arg, PGconn *pg), void *arg)
{
    *dial =
        (struct dial){.loop = loop, .kind = kind, .subject = subject, .opened = opened, .arg = arg};
    dial->io = event_new(loop->base, -1, 0, on_io, dial);
    dial->timer = evtimer_new(loop->base, on_timer, dial);
    if (!dial->io || !dial->timer)
        die("out of memory");
}

void dial_finish(struct dial *dial)
{
    dial_drop(dial);
    event_free(dial->io);
    event_free(dial->timer);
}

// Between half and all of the pause, so that many do not come back at the same moment.
void dial_again(struct dial *dial)
{
    int64_t pause = 0;
    if (dial->failures > 0) {
        pause = PAUSE_FIRST << (dial->failures < 7 ? dial->failures - 1 : 6);
        pause = pause < PAUSE_MAX ? pause : PAUSE_MAX;
        pause = pause / 2 + randombytes_uniform((uint32_t)(pause / 2 + 1));
    }
    timer_in(dial, pause);
}

void dial_good(struct dial *dial)
{
    dial->failures = 0;
}
