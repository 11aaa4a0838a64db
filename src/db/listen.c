#include "db/listen.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/loop.h"
#include "db/dial.h"

struct hearer {
    struct hearer *next;
    const char *channel;
    struct loop *loop;
    listen_heard *heard;
    void *arg;
};

struct listener {
    struct loop *loop;
    char subject[32];
    struct buf sql; // LISTEN for every channel
    struct dial dial;
    PGconn *pg;
    struct event *readable;
    struct hearer *hearers;
};

// A letter to one hearer, on its way to the hearer's loop.
struct letter {
    listen_heard *heard;
    void *arg;
    char payload[];
};

static void deliver(void *arg)
{
    struct letter *letter = arg;
    letter->heard(letter->arg, letter->payload);
    free(letter);
}

// NULL: every channel.
static void tell(struct listener *listener, const char *channel, const char *payload)
{
    size_t size = strlen(payload) + 1;
    for (const struct hearer *to = listener->hearers; to; to = to->next) {
        if (channel && strcmp(channel, to->channel) != 0)
            continue;
        struct letter *letter = malloc(sizeof *letter + size);
        if (!letter)
            die("out of memory");
        letter->heard = to->heard;
        letter->arg = to->arg;
        memcpy(letter->payload, payload, size);
        loop_post(to->loop, deliver, letter);
    }
}

static void lost(struct listener *listener)
{
    log_warn("db", listener->subject, "connection lost: %.*s",
             (int)strcspn(PQerrorMessage(listener->pg), "\n"), PQerrorMessage(listener->pg));
    event_del(listener->readable);
    PQfinish(listener->pg);
    listener->pg = NULL;
    listener->dial.failures += listener->dial.failures == 0;
    dial_again(&listener->dial);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct listener *listener = arg;
    if (!PQconsumeInput(listener->pg) || PQstatus(listener->pg) == CONNECTION_BAD) {
        lost(listener);
        return;
    }
    dial_good(&listener->dial);
    for (PGnotify *note = PQnotifies(listener->pg); note; note = PQnotifies(listener->pg)) {
        tell(listener, note->relname, note->extra);
        PQfreemem(note);
    }
}

static void opened(void *arg, PGconn *pg)
{
    struct listener *listener = arg;
    listener->pg = pg;
    event_assign(listener->readable, listener->loop->base, PQsocket(pg), EV_READ | EV_PERSIST,
                 on_readable, listener);
    event_add(listener->readable, NULL);
    log_info("db", listener->subject, "listening");
    // What was said meanwhile went unheard; what libpq holds already follows.
    tell(listener, NULL, "");
    on_readable(PQsocket(pg), EV_READ, listener);
}

struct listener *listener_create(struct loop *loop)
{
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener)
        die("out of memory");
    listener->loop = loop;
    snprintf(listener->subject, sizeof listener->subject, "conn=%dl", loop->index);
    dial_init(&listener->dial, loop, LINK_LISTENER, listener->subject, opened, listener);
    listener->readable = event_new(loop->base, -1, 0, on_readable, listener);
    if (!listener->readable)
        die("out of memory");
    dial_again(&listener->dial);
    return listener;
}

void listener_destroy(struct listener *listener)
{
    if (!listener)
        return;
    dial_finish(&listener->dial);
    event_free(listener->readable);
    PQfinish(listener->pg);
    buf_finish(&listener->sql);
    while (listener->hearers) {
        struct hearer *next = listener->hearers->next;
        free(listener->hearers);
        listener->hearers = next;
    }
    free(listener);
}

void listener_add(struct listener *listener, const char *channel, struct loop *loop,
                  listen_heard *heard, void *arg)
{
    struct hearer *hearer = malloc(sizeof *hearer);
    if (!hearer)
        die("out of memory");
    *hearer = (struct hearer){listener->hearers, channel, loop, heard, arg};
    listener->hearers = hearer;
    // Twice the same channel does no harm.
    buf_printf(&listener->sql, "listen \"%s\";", channel);
    listener->dial.extra = listener->sql.data;
}
