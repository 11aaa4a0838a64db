#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "load.h"

struct conn {
    int fd, index, turn;
    struct block block;
    bool busy;
    int64_t intended; // when the request under way should have been sent
    struct buf out, in;
    size_t sent;
};

enum { ROOM = 32768 };

static struct conn *conns;
static int epoll, busy;

static void push(struct conn *c)
{
    while (c->sent < c->out.len) {
        ssize_t n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            die("send: %s", strerror(errno));
        c->sent += (size_t)n;
    }
}

static bool begin(struct conn *c, int64_t intended)
{
    if (!work_next(c->index, &c->turn, &c->block))
        return false;
    c->busy = true;
    busy++;
    c->intended = intended;
    work_compose(&c->block, &c->out);
    c->sent = 0;
    push(c);
    return true;
}

// Where the body begins and how long it is; false while the head is not whole.
static bool head_of(const struct buf *in, size_t *head, size_t *body)
{
    const char *end = in->len ? memmem(in->data, in->len, "\r\n\r\n", 4) : NULL;
    if (!end)
        return false;
    *head = (size_t)(end + 4 - in->data);
    const char *length = memmem(in->data, *head, "\nContent-Length:", 16);
    if (!length) // as few write it
        length = strcasestr(in->data, "\ncontent-length:");
    *body = length && length < end ? strtoul(length + 16, NULL, 10) : 0;
    return true;
}

// True when a whole reply stood in the buffer (and was taken).
static bool take_reply(struct conn *c)
{
    size_t head, body;
    if (!head_of(&c->in, &head, &body) || c->in.len < head + body)
        return false;
    if (c->in.len > head + body)
        die("more came than was asked for");
    report_reply(c->intended, c->in.data, work_check(&c->block, c->in.data, head, body), c->in.len);
    buf_reset(&c->in);
    return true;
}

static bool pull(struct conn *c)
{
    for (;;) {
        buf_reserve(&c->in, ROOM);
        size_t room = c->in.cap - c->in.len - 1;
        ssize_t n = recv(c->fd, c->in.data + c->in.len, room, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            die("the server closed a connection");
        if (n < 0)
            return false;
        c->in.len += (size_t)n;
        c->in.data[c->in.len] = '\0';
        if (take_reply(c))
            break;
        if ((size_t)n < room)
            return false;
    }
    c->busy = false;
    busy--;
    return true;
}

static void open_conn(struct conn *c)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port)};
    int on = 1;
    if (inet_pton(AF_INET, opt.host, &to.sin_addr) != 1)
        die("the host must be an IPv4 address");
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
}

// A due request with no free connection waits, and its latency still counts from when it was due.
static int64_t send_due(int64_t due, int64_t gap)
{
    static int from;
    int64_t now = clock_monotonic();
    for (int tried = 0; due <= now && tried < opt.connections; tried++) {
        struct conn *c = &conns[from = (from + 1) % opt.connections];
        if (c->busy || !begin(c, due))
            continue;
        due += gap;
        tried = 0;
    }
    if (now - due > 1000000)
        report_late();
    return due;
}

static void wait_and_serve(int64_t wait, bool again)
{
    struct epoll_event events[512];
    struct timespec limit = {wait / 1000000, wait % 1000000 * 1000};
    int n = epoll_pwait2(epoll, events, (int)countof(events), &limit, NULL);
    for (int i = 0; i < n; i++) {
        struct conn *c = events[i].data.ptr;
        if ((events[i].events & EPOLLOUT) && c->busy)
            push(c);
        bool free = (events[i].events & EPOLLIN) && c->busy && pull(c);
        if (free && again)
            (void)!begin(c, clock_monotonic());
    }
}

// Behind its time it does not spin: with no free connection only a reply helps.
static int64_t time_left(int64_t due)
{
    int64_t left = due - clock_monotonic();
    if (!opt.rate || busy == opt.connections)
        return 100000;
    return left > 0 ? left : 0;
}

static void run(void)
{
    int64_t start = clock_monotonic(), due = start;
    int64_t until = start + (int64_t)(opt.warmup + opt.seconds) * 1000000;
    int64_t gap = opt.rate ? INT64_C(1000000) * opt.scans / opt.rate : 0;
    report_begin(start + (int64_t)opt.warmup * 1000000, until);
    for (int i = 0; i < opt.connections && !opt.rate; i++)
        (void)!begin(&conns[i], clock_monotonic());
    for (int64_t now = start; opt.rounds ? busy > 0 : now < until; now = clock_monotonic()) {
        if (opt.rate)
            due = send_due(due, gap);
        wait_and_serve(time_left(due), !opt.rate);
    }
    // What is under way when the time is up is still waited for and checked.
    for (int64_t end = clock_monotonic() + 20000000; busy > 0;) {
        if (clock_monotonic() > end)
            die("%d requests were never answered", busy);
        wait_and_serve(100000, false);
    }
}

void conn_run(void)
{
    conns = calloc((size_t)opt.connections, sizeof *conns);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!conns || epoll < 0)
        die("out of memory");
    for (int i = 0; i < opt.connections; i++) {
        conns[i].index = i;
        open_conn(&conns[i]);
    }
    run();
    for (int i = 0; i < opt.connections; i++) {
        close(conns[i].fd);
        buf_finish(&conns[i].in);
        buf_finish(&conns[i].out);
    }
    close(epoll);
    free(conns);
}
