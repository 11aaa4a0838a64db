#include "http/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/util.h>
#include <sodium.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/conn.h"

enum {
    TICK_MS = 250,
    LINGER_SECONDS = 2,
    HEARTBEAT_SECONDS = 15,
    ACCEPTS_A_TURN = 64,
    IDLE_LEAST_US = 100000,
    HALF_OPEN_LEAST_US = 2000000
};

static atomic_int open_connections; // of all loops
static atomic_int bound_port;       // the first loop's choice holds for all
static char own_address[280];       // "http://" and conf.listen, with the port really bound

// --- accepting ----------------------------------------------------------------------------------
static void accept_pause(struct http_listener *home, bool pause)
{
    if (home->fd < 0 || home->accepting == !pause)
        return;
    home->accepting = !pause;
    if (pause)
        event_del(&home->acceptable);
    else if (event_add(&home->acceptable, NULL) != 0)
        home->accepting = false; // the next tick tries again
}

static void peer_text(const struct sockaddr_storage *from, char *out, size_t size)
{
    const void *address = &((const struct sockaddr_in *)from)->sin_addr;
    if (from->ss_family == AF_INET6)
        address = &((const struct sockaddr_in6 *)from)->sin6_addr;
    if (evutil_inet_ntop(from->ss_family, address, out, size) == NULL)
        snprintf(out, size, "?");
}

static bool close_oldest(struct http_listener *home, enum conn_phase phase, int64_t least)
{
    struct http_conn *oldest = TAILQ_FIRST(&home->phases[phase]);
    if (oldest == NULL || clock_monotonic() - oldest->since < least)
        return false;
    conn_close(oldest);
    return true;
}

// At the cap the connection that has been idle longest makes room, else the one whose request has
// been on its way longest: a client that holds connections without using them keeps nobody out. One
// that has just come may have sent its request already; who sends one slowly gets its time as long
// as nobody waits.
static bool make_room(struct http_listener *home)
{
    return close_oldest(home, CONN_IDLE, IDLE_LEAST_US) ||
           close_oldest(home, CONN_READING, HALF_OPEN_LEAST_US);
}

static void refuse_connection(int fd)
{
    static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
                               "Content-Length: 0\r\nConnection: close\r\n\r\n";
    (void)!send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
    metric_add(METRIC_http_refused, 1);
}

// Out of descriptors or memory: what waits in the backlog stays there until the next tick.
static void accept_failed(struct http_listener *home, int why)
{
    log_warn("http", "", "cannot accept a connection: %s", strerror(why));
    (void)make_room(home);
    accept_pause(home, true);
}

// False when nobody waits any more.
static bool accept_one(struct http_listener *home)
{
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    int fd = accept4(home->fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
        return true;
    if (fd < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            accept_failed(home, errno);
        return false;
    }
    if (atomic_load(&open_connections) >= conf.connections && !make_room(home)) {
        refuse_connection(fd);
        return true;
    }
    char peer[48];
    peer_text(&from, peer, sizeof peer);
    atomic_fetch_add(&open_connections, 1);
    conn_open(home, fd, peer);
    return true;
}

static void on_acceptable(evutil_socket_t fd, short what, void *arg)
{
    struct http_listener *home = arg;
    int64_t refused = metric_get(METRIC_http_refused);
    for (int i = 0; i < ACCEPTS_A_TURN; i++)
        if (!home->accepting || !accept_one(home))
            return;
    if (metric_get(METRIC_http_refused) - refused >= ACCEPTS_A_TURN)
        accept_pause(home, true); // a flood at the cap: its rest waits for the tick
}

void listener_conn_closed(struct http_listener *home)
{
    atomic_fetch_sub(&open_connections, 1);
    listener_drain_check(home);
}

// --- time ---------------------------------------------------------------------------------------
static int64_t phase_limit(enum conn_phase phase)
{
    static const int64_t second = 1000000;
    switch (phase) {
    case CONN_IDLE:
        return conf.idle_timeout * second;
    case CONN_READING:
    case CONN_WRITING:
        return conf.request_timeout * second;
    case CONN_LINGERING:
        return LINGER_SECONDS * second;
    case CONN_STREAMING:
        return HEARTBEAT_SECONDS * second;
    default:
        return INT64_MAX;
    }
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct http_listener *home = arg;
    int64_t now = clock_monotonic();
    for (enum conn_phase phase = 0; phase < CONN_PHASES; phase++) {
        int64_t limit = phase_limit(phase);
        struct http_conn *conn;
        while ((conn = TAILQ_FIRST(&home->phases[phase])) != NULL && now - conn->since >= limit)
            conn_expired(conn);
    }
    if (!home->draining)
        accept_pause(home, false);
}

// --- listening ----------------------------------------------------------------------------------
// host:port or [host]:port; port 0 lets the system choose.
static bool parse_listen(const char *text, struct sockaddr_storage *address, int *size)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    const char *colon = strrchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;
    struct addrinfo *found = NULL;
    char host[256];
    if (len == 0 || len >= sizeof host)
        return false;
    bool bracketed = text[0] == '[' && text[len - 1] == ']';
    snprintf(host, sizeof host, "%.*s", (int)(bracketed ? len - 2 : len), text + bracketed);
    if (getaddrinfo(host, colon + 1, &wanted, &found) != 0)
        return false;
    memcpy(address, found->ai_addr, found->ai_addrlen);
    *size = (int)found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

static int open_socket(const struct sockaddr *address, int size, bool shared)
{
    int on = 1;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // connections inherit it
    if (bind(fd, address, (socklen_t)size) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static void set_port(struct sockaddr_storage *address, int port)
{
    if (address->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)address)->sin_port = htons((uint16_t)port);
}

static int get_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return 0;
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

// SO_REUSEPORT would let a second service share the port unnoticed, so the first loop asks for the
// port without it before taking it with it.
static int bind_port(struct sockaddr_storage *address, int size)
{
    int port = atomic_load(&bound_port);
    if (port == 0) {
        int probe = open_socket((struct sockaddr *)address, size, false);
        if (probe < 0 || listen(probe, 1) != 0) {
            if (probe >= 0)
                close(probe);
            return -1;
        }
        port = get_port(probe);
        close(probe);
    }
    set_port(address, port);
    int fd = open_socket((struct sockaddr *)address, size, true);
    if (fd >= 0 && listen(fd, 1024) != 0) {
        close(fd);
        return -1;
    }
    atomic_store(&bound_port, port);
    return fd;
}

static struct http_listener *listener_create(struct app_loop *app, int fd)
{
    struct http_listener *home = calloc(1, sizeof *home);
    if (home == NULL)
        die("out of memory");
    home->app = app;
    home->fd = fd;
    randombytes_buf(&home->id_seed, sizeof home->id_seed);
    for (int i = 0; i < CONN_PHASES; i++)
        TAILQ_INIT(&home->phases[i]);
    event_assign(&home->acceptable, app->loop.base, fd, EV_READ | EV_PERSIST, on_acceptable, home);
    event_assign(&home->tick, app->loop.base, -1, EV_PERSIST, on_tick, home);
    return home;
}

static void set_own_address(void)
{
    const char *colon = strrchr(conf.listen, ':');
    snprintf(own_address, sizeof own_address, "http://%.*s:%d", (int)(colon - conf.listen),
             conf.listen, atomic_load(&bound_port));
}

const char *http_address(void)
{
    return own_address;
}

bool http_listen(struct app_loop *app)
{
    struct sockaddr_storage address = {0};
    int size = 0;
    if (!parse_listen(conf.listen, &address, &size)) {
        log_error("http", "", "listen: not an address and port: %s", conf.listen);
        return false;
    }
    int fd = bind_port(&address, size);
    if (fd < 0) {
        log_error("http", "", "cannot listen on %s: %s", conf.listen, strerror(errno));
        return false;
    }
    set_own_address();
    struct http_listener *home = app->listener = listener_create(app, fd);
    struct timeval period = {.tv_usec = TICK_MS * 1000};
    if (event_add(&home->tick, &period) != 0)
        return false;
    accept_pause(home, false);
    return home->accepting;
}

int http_port(const struct app_loop *app)
{
    return app->listener ? atomic_load(&bound_port) : 0;
}

// --- the end ------------------------------------------------------------------------------------
void listener_drain_check(struct http_listener *home)
{
    if (!home->draining || home->connections > 0 || home->exchanges > 0 || home->drained == NULL)
        return;
    loop_task *drained = home->drained;
    home->drained = NULL;
    loop_defer(&home->app->loop, drained, home->drained_arg);
}

static void close_all(struct http_listener *home, enum conn_phase phase)
{
    struct http_conn *conn;
    while ((conn = TAILQ_FIRST(&home->phases[phase])) != NULL)
        conn_close(conn);
}

static void stop_accepting(struct http_listener *home)
{
    accept_pause(home, true);
    if (home->fd >= 0)
        close(home->fd);
    home->fd = -1;
}

// A reply in parts may take any time: it is broken off, and asked for again of the next program.
static void close_parted(struct http_listener *home)
{
    struct http_conn *conn, *next;
    for (conn = TAILQ_FIRST(&home->phases[CONN_WRITING]); conn != NULL; conn = next) {
        next = TAILQ_NEXT(conn, entry);
        if (conn->x != NULL && conn->x->room != NULL)
            conn_close(conn);
    }
}

void http_drain(struct app_loop *app, loop_task *drained, void *arg)
{
    struct http_listener *home = app->listener;
    home->draining = true;
    home->drained = drained;
    home->drained_arg = arg;
    stop_accepting(home);
    close_all(home, CONN_IDLE);
    close_all(home, CONN_STREAMING);
    close_parted(home);
    listener_drain_check(home);
}

void http_close(struct app_loop *app)
{
    struct http_listener *home = app->listener;
    if (home == NULL)
        return;
    home->drained = NULL;
    stop_accepting(home);
    for (enum conn_phase phase = 0; phase < CONN_PHASES; phase++)
        close_all(home, phase);
    event_del(&home->tick);
    while (home->spares != NULL) {
        struct exchange *x = home->spares;
        home->spares = x->next;
        exchange_free(x);
    }
    buf_finish(&home->gathered);
    buf_finish(&home->head);
    free(home);
    app->listener = NULL;
}
