#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/log.h"
#include "printing/errand.h"

// A line to port 9100: bytes, and nothing comes back. What such a printer has taken, to the last
// byte, and acknowledged by ending the connection or by its network alone, counts as printed.

enum { CONNECT_S = 5, STALL_S = 60, CLOSE_S = 5 };

static struct evdns_base *names; // made at the first use

static void end(struct errand *e, enum errand_end how, const char *trouble)
{
    struct bufferevent *bev = e->held;
    bufferevent_setcb(bev, NULL, NULL, NULL, NULL);
    bufferevent_disable(bev, EV_READ | EV_WRITE);
    errand_say(e, how, trouble);
    e->then(e);
}

static void set_patience(struct bufferevent *bev, int read, int write)
{
    struct timeval reading = {read, 0}, writing = {write, 0};
    bufferevent_set_timeouts(bev, read ? &reading : NULL, write ? &writing : NULL);
}

// Whatever a printer says is not asked for.
static void on_read(struct bufferevent *bev, void *arg)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    (void)arg;
    evbuffer_drain(in, evbuffer_get_length(in));
}

// --- opening -------------------------------------------------------------------------------------

static void on_opened(struct bufferevent *bev, short what, void *arg)
{
    (void)bev;
    if (what & BEV_EVENT_CONNECTED)
        end(arg, ERRAND_READY, NULL);
    else
        end(arg, ERRAND_AGAIN, "unreachable");
}

static void unreachable(void *arg)
{
    struct errand *e = arg;
    if (e->held)
        end(e, ERRAND_AGAIN, "unreachable");
}

static void raw_open(struct errand *e)
{
    struct event_base *base = e->loop->base;
    if (!names)
        names = evdns_base_new(base, EVDNS_BASE_INITIALIZE_NAMESERVERS |
                                         EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    struct bufferevent *bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (!bev)
        die("out of memory");
    e->held = bev;
    e->remote = 0;
    bufferevent_setcb(bev, NULL, NULL, on_opened, e);
    set_patience(bev, 0, CONNECT_S);
    if (bufferevent_socket_connect_hostname(bev, names, AF_UNSPEC, e->uri.host, e->uri.port) != 0)
        loop_defer(e->loop, unreachable, e);
}

// --- sending -------------------------------------------------------------------------------------

static bool all_taken(struct bufferevent *bev)
{
    int waiting = 0;
    return ioctl(bufferevent_getfd(bev), SIOCOUTQ, &waiting) == 0 && waiting == 0;
}

static void on_sent(struct bufferevent *bev, void *arg)
{
    struct errand *e = arg;
    e->cut = false; // not one byte is ours any more
    shutdown(bufferevent_getfd(bev), SHUT_WR);
    set_patience(bev, CLOSE_S, 0);
    bufferevent_disable(bev, EV_WRITE);
}

static void on_ended(struct bufferevent *bev, short what, void *arg)
{
    struct errand *e = arg;
    bool late = (what & BEV_EVENT_TIMEOUT) != 0;
    bool untouched = evbuffer_get_length(bufferevent_get_output(bev)) == e->document.len;
    if (e->cut)
        end(e, untouched ? ERRAND_AGAIN : ERRAND_UNCERTAIN, late ? "silent" : "cut");
    else if (what & BEV_EVENT_EOF || (late && all_taken(bev)))
        end(e, ERRAND_PRINTED, NULL);
    else
        end(e, ERRAND_UNCERTAIN, late ? "silent" : "cut");
}

static void raw_send(struct errand *e)
{
    struct bufferevent *bev = e->held;
    e->cut = true;
    bufferevent_setcb(bev, on_read, on_sent, on_ended, e);
    set_patience(bev, 0, STALL_S);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    bufferevent_write(bev, e->document.data, e->document.len);
}

static void raw_drop(struct errand *e)
{
    if (e->held)
        bufferevent_free(e->held);
    e->held = NULL;
}

const struct line line_raw = {raw_open, raw_send, NULL, NULL, raw_drop};

void line_raw_close(void)
{
    if (names)
        evdns_base_free(names, 0);
    names = NULL;
}
