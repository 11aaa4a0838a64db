#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "load.h"

// OPENING: how many at once; A_SOURCE: streams an address; PATIENCE: for what is still to come.
enum { OPENING = 64, A_SOURCE = 5000, SCANNERS = 8, PATIENCE = 5000000 };

enum state { COMING, IDLE, SCANNED, ACKED, EARLY }; // EARLY: told before the scan's reply

struct peer {
    int fd;
    bool scanner;
    struct buf in;
    // a stream
    enum state state;
    bool head;
    int index, turn;
    struct block block;
    int64_t acked;
    // a scanner: whose stream its scan under way is for
    struct peer *stream;
};

static struct peer *streams, scanners[SCANNERS];
static int epoll, opened, waiting;

static void end_wait(struct peer *s, int64_t from, const char *text, bool good)
{
    s->state = IDLE;
    waiting--;
    report_reply(from, text, good, strlen(text));
}

// An event of a stream: its own, and after a scan of its own.
static void told(struct peer *s, const char *text)
{
    bool own = strstr(text, work_number(&s->block)) != NULL;
    if (s->state == COMING && own) {
        s->state = IDLE;
        opened++;
    } else if (s->state == ACKED) {
        end_wait(s, s->acked, text, own);
    } else if (s->state == SCANNED && own) {
        s->state = EARLY;
    } else if (!own || s->state == IDLE) {
        report_reply(clock_monotonic(), text, false, 0);
    }
}

static void answered(struct peer *scanner, const char *reply, bool good)
{
    struct peer *s = scanner->stream;
    int64_t now = clock_monotonic();
    scanner->stream = NULL;
    if (!good || s->state == EARLY) {
        end_wait(s, now, reply, good);
    } else {
        s->state = ACKED;
        s->acked = now;
    }
}

static void cut(struct buf *in, size_t len)
{
    in->len -= len;
    memmove(in->data, in->data + len, in->len + 1);
    if (in->len == 0)
        buf_finish(in);
}

static void read_stream(struct peer *s)
{
    char *end;
    if (!s->head && (end = strstr(s->in.data, "\r\n\r\n"))) {
        if (strncmp(s->in.data, "HTTP/1.1 200 ", 13) != 0)
            die("a stream was refused: %.300s", s->in.data);
        s->head = true;
        cut(&s->in, (size_t)(end + 4 - s->in.data));
    }
    while (s->head && s->in.data && (end = strstr(s->in.data, "\n\n"))) {
        *end = '\0';
        if (strstr(s->in.data, "data: "))
            told(s, s->in.data);
        cut(&s->in, (size_t)(end + 2 - s->in.data));
    }
}

static void read_reply(struct peer *scanner)
{
    struct buf *in = &scanner->in;
    const char *end = strstr(in->data, "\r\n\r\n"),
               *length = strcasestr(in->data, "\ncontent-length:");
    size_t head = end ? (size_t)(end + 4 - in->data) : 0;
    size_t body = length && length < end ? strtoul(length + 16, NULL, 10) : 0;
    if (!end || in->len < head + body)
        return;
    answered(scanner, in->data, work_check(&scanner->stream->block, in->data, head, body));
    buf_reset(in);
}

static void serve(int64_t wait)
{
    static char part[65536];
    struct epoll_event events[256];
    struct timespec limit = {wait / 1000000, wait % 1000000 * 1000};
    int n = epoll_pwait2(epoll, events, (int)countof(events), &limit, NULL);
    for (int i = 0; i < n; i++) {
        struct peer *p = events[i].data.ptr;
        ssize_t got = recv(p->fd, part, sizeof part, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            die("the server closed a %s", p->scanner ? "connection" : "stream");
        if (got < 0)
            continue;
        buf_add(&p->in, part, (size_t)got);
        (p->scanner ? read_reply : read_stream)(p);
    }
}

static void serve_until(int64_t at)
{
    for (int64_t now; (now = clock_monotonic()) < at;)
        serve(at - now);
}

// Level-triggered: whatever is left comes again.
static void open_peer(struct peer *p, int source)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port)};
    struct sockaddr_in own = {.sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(0x7f000001U + (unsigned)source)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
    int on = 1;
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(p->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (p->fd < 0 || inet_pton(AF_INET, opt.host, &to.sin_addr) != 1 ||
        bind(p->fd, (struct sockaddr *)&own, sizeof own) != 0 ||
        connect(p->fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect: %s", strerror(errno));
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(p->fd, F_SETFL, O_NONBLOCK);
    epoll_ctl(epoll, EPOLL_CTL_ADD, p->fd, &event);
}

static void send_all(const struct peer *p, const struct buf *out)
{
    if (send(p->fd, out->data, out->len, MSG_NOSIGNAL) != (ssize_t)out->len)
        die("send: %s", strerror(errno));
}

static void open_stream(struct peer *s)
{
    struct buf out = {0};
    if (!work_next(s->index, &s->turn, &s->block))
        die("too few shipments");
    open_peer(s, 1 + s->index / A_SOURCE);
    buf_printf(
        &out,
        "GET /v1/track/%s/events HTTP/1.1\r\nHost: %s:%d\r\nAccept: text/event-stream\r\n\r\n",
        work_number(&s->block), opt.host, opt.port);
    send_all(s, &out);
    buf_finish(&out);
}

static void open_all(void)
{
    for (int i = 0; i < opt.connections; i++) {
        streams[i].index = i;
        open_stream(&streams[i]);
        for (int64_t end = clock_monotonic() + PATIENCE; i - opened >= OPENING;) {
            if (clock_monotonic() > end)
                die("%d of %d streams told nothing", i + 1 - opened, i + 1);
            serve(1000);
        }
    }
    for (int64_t end = clock_monotonic() + PATIENCE; opened < opt.connections; serve(1000))
        if (clock_monotonic() > end)
            die("%d streams told nothing", opt.connections - opened);
    for (int i = 0; i < SCANNERS; i++) {
        scanners[i].scanner = true;
        open_peer(&scanners[i], 0);
    }
}

// Each stream in turn; one whose last scan it was not told of yet is passed over.
static void scan(struct peer *scanner)
{
    static int next;
    static struct buf out;
    struct peer *s = &streams[next = (next + 7) % opt.connections];
    if (s->state != IDLE) {
        report_late();
        return;
    }
    s->state = SCANNED;
    scanner->stream = s;
    waiting++;
    work_compose(&s->block, &out);
    send_all(scanner, &out);
}

static void scan_all(void)
{
    int64_t start = clock_monotonic(), end = start + (int64_t)(opt.warmup + opt.seconds) * 1000000;
    int64_t gap = 1000000 / opt.rate;
    report_begin(start + (int64_t)opt.warmup * 1000000, end + PATIENCE);
    for (int64_t due = start; due < end; due += gap) {
        serve_until(due);
        int free = 0;
        while (free < SCANNERS && scanners[free].stream)
            free++;
        if (free < SCANNERS)
            scan(&scanners[free]);
        else
            report_late();
    }
    for (int64_t last = clock_monotonic() + PATIENCE; waiting > 0 && clock_monotonic() < last;)
        serve(1000);
    for (int i = 0; i < opt.connections; i++) {
        if (streams[i].state != IDLE)
            report_reply(streams[i].acked, "a watcher was never told", false, 0);
    }
}

void conn_run(void)
{
    struct rlimit files = {(rlim_t)opt.connections + 100, (rlim_t)opt.connections + 100};
    (void)!setrlimit(RLIMIT_NOFILE, &files);
    streams = calloc((size_t)opt.connections, sizeof *streams);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!streams || epoll < 0 || opt.rate < 1)
        die("out of memory, or no rate");
    open_all();
    printf("open\n");
    fflush(stdout);
    serve_until(clock_monotonic() + (int64_t)opt.idle * 1000000);
    scan_all();
    for (int i = 0; i < opt.connections; i++) {
        close(streams[i].fd);
        buf_finish(&streams[i].in);
    }
    free(streams);
}
