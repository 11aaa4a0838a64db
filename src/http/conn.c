#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "http/conn.h"

enum { LINGER_MAX = 1 << 20, TAKEN_LEAST = 16384 };

static void conn_readable(evutil_socket_t fd, short what, void *arg);
static void conn_writable(evutil_socket_t fd, short what, void *arg);

void conn_enter(struct http_conn *conn, enum conn_phase phase)
{
    if (phase == CONN_READING && conn->phase == CONN_READING)
        return; // its time runs from the first byte
    struct http_listener *home = conn->home;
    TAILQ_REMOVE(&home->phases[conn->phase], conn, entry);
    conn->phase = phase;
    conn->since = clock_monotonic();
    TAILQ_INSERT_TAIL(&home->phases[phase], conn, entry);
}

void conn_open(struct http_listener *home, int fd, const char *peer)
{
    struct http_conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL) {
        close(fd);
        listener_conn_closed(home);
        return;
    }
    conn->home = home;
    snprintf(conn->peer, sizeof conn->peer, "%s", peer);
    event_assign(&conn->readable, home->app->loop.base, fd, EV_READ | EV_PERSIST, conn_readable,
                 conn);
    event_assign(&conn->writable, home->app->loop.base, fd, EV_WRITE | EV_PERSIST, conn_writable,
                 conn);
    conn->since = clock_monotonic();
    TAILQ_INSERT_TAIL(&home->phases[CONN_IDLE], conn, entry);
    home->connections++;
    metric_add(METRIC_http_connections, 1);
    if (event_add(&conn->readable, NULL) != 0)
        conn_close(conn);
}

void conn_close(struct http_conn *conn)
{
    struct http_listener *home = conn->home;
    if (conn->x != NULL)
        exchange_abandon(conn->x);
    if (conn->stream != NULL)
        stream_ended(conn->stream);
    event_del(&conn->readable);
    event_del(&conn->writable);
    TAILQ_REMOVE(&home->phases[conn->phase], conn, entry);
    if (home->turn == conn)
        home->turn = NULL;
    close(event_get_fd(&conn->readable));
    buf_finish(&conn->in);
    buf_finish(&conn->out);
    free(conn);
    home->connections--;
    metric_add(METRIC_http_connections, -1);
    listener_conn_closed(home);
}

void conn_close_soon(struct http_conn *conn)
{
    conn->broken = true;
    event_active(&conn->readable, EV_TIMEOUT, 1);
}

static void conn_pause(struct http_conn *conn, bool pause)
{
    if (conn->paused == pause)
        return;
    conn->paused = pause;
    if (pause)
        event_del(&conn->readable);
    else if (event_add(&conn->readable, NULL) != 0)
        conn->broken = true;
}

// --- what comes next ----------------------------------------------------------------------------
// Says "nothing more" and waits a little for the client to stop sending: closing at once would
// reset the connection, and the reset may overtake the reply.
static void conn_finish(struct http_conn *conn)
{
    if (!conn->unread) {
        conn_close(conn);
        return;
    }
    shutdown(event_get_fd(&conn->readable), SHUT_WR);
    buf_finish(&conn->in);
    conn->taken = 0;
    conn_enter(conn, CONN_LINGERING);
    conn_pause(conn, false);
}

static void conn_idle(struct http_conn *conn)
{
    conn_enter(conn, CONN_IDLE);
    conn_pause(conn, false);
    if (conn->in.len > 0) // the next request is here already
        event_active(&conn->readable, EV_TIMEOUT, 1);
}

void conn_slow(struct http_conn *conn)
{
    conn_pause(conn, true);
    if (conn->phase == CONN_WRITING)
        return;
    conn->taken = 0;
    conn_enter(conn, CONN_WRITING);
}

// Puts the connection where it belongs after anything has happened to it; may free it.
static void conn_settle(struct http_conn *conn)
{
    if (conn->broken) {
        conn_close(conn);
    } else if (conn->stream != NULL) {
        buf_finish(&conn->in);
        if (conn->phase != CONN_STREAMING)
            conn_enter(conn, CONN_STREAMING);
    } else if (conn_pending(conn) > 0) {
        conn_slow(conn);
    } else if (conn->x != NULL) {
        bool waits = conn->x->stage >= EXCHANGE_AUTH;
        conn_enter(conn, waits ? CONN_HANDLING : CONN_READING);
        conn_pause(conn, waits && conn->in.len >= PENDING_MAX);
    } else if (conn->ending || conn->home->draining) {
        conn_finish(conn);
    } else {
        conn_idle(conn);
    }
}

static bool may_proceed(const struct http_conn *conn)
{
    return !conn->broken && !conn->ending && conn->stream == NULL && conn_pending(conn) == 0 &&
           (conn->x == NULL || conn->x->stage < EXCHANGE_AUTH);
}

// Uses up whole requests; returns the bytes used. What is left begins with the first byte of a
// request, or waits behind one that is being handled.
static size_t conn_consume(struct http_conn *conn, const char *data, size_t len)
{
    size_t used = 0;
    while (used < len && may_proceed(conn)) {
        struct exchange *x = conn->x ? conn->x : exchange_begin(conn);
        if (x->stage == EXCHANGE_BODY) {
            used += exchange_body(x, data + used, len - used);
            continue;
        }
        enum parse_result result = parse_head(&x->head, data + used, len - used);
        if (result == PARSE_MORE)
            break;
        if (result == PARSE_BAD) {
            exchange_refuse(x, x->head.err, x->head.why);
            break;
        }
        size_t size = x->head.size;
        exchange_head(x, data + used);
        used += size;
    }
    return used;
}

static void conn_turn(struct http_conn *conn, const char *data, size_t len)
{
    struct http_listener *home = conn->home;
    home->turn = conn;
    size_t used = conn_consume(conn, data, len);
    conn_send_gathered(conn);
    home->turn = NULL;
    if (data != conn->in.data) {
        if (used < len)
            buf_add(&conn->in, data + used, len - used);
    } else if (used > 0 && used < len) {
        memmove(conn->in.data, conn->in.data + used, len - used);
        conn->in.len = len - used;
    } else if (used == len) {
        buf_finish(&conn->in); // an idle connection costs no buffer
    }
    conn_settle(conn);
}

static void conn_discard(struct http_conn *conn, ssize_t got)
{
    if (conn->phase == CONN_LINGERING)
        conn->taken += (size_t)got;
    if (conn->taken > LINGER_MAX)
        conn_close(conn);
}

// The end of a client's stream while its request is read or handled means that it has left: one
// that only closed its sending side cannot be told from one that is gone.
static void conn_left(struct http_conn *conn)
{
    if (conn->phase == CONN_READING)
        metric_add(METRIC_http_refused, 1);
    conn_close(conn);
}

static void conn_received(struct http_conn *conn, char *data, size_t got)
{
    if (conn->phase == CONN_LINGERING || conn->phase == CONN_STREAMING) {
        conn_discard(conn, (ssize_t)got);
    } else if (data == conn->home->chunk) {
        if (got > 0)
            conn_turn(conn, data, got);
    } else {
        conn->in.len += got;
        conn_turn(conn, conn->in.data, conn->in.len);
    }
}

static void conn_readable(evutil_socket_t fd, short what, void *arg)
{
    struct http_conn *conn = arg;
    char *into = conn->home->chunk;
    size_t room = CHUNK_MAX;
    if (conn->broken) {
        conn_close(conn);
        return;
    }
    if (conn->in.len > 0) {
        buf_reserve(&conn->in, PARSE_LINE_MAX);
        into = conn->in.data + conn->in.len;
        room = conn->in.cap - conn->in.len - 1;
    }
    ssize_t got = recv(fd, into, room, MSG_DONTWAIT);
    if (got == 0)
        conn_left(conn);
    else if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        conn_close(conn);
    else
        conn_received(conn, into, got > 0 ? (size_t)got : 0);
}

static void conn_writable(evutil_socket_t fd, short what, void *arg)
{
    struct http_conn *conn = arg;
    struct iovec part = {conn->out.data + conn->out_sent, conn_pending(conn)};
    size_t sent = (size_t)conn_write(conn, &part, 1);
    conn->out_sent += sent;
    conn->taken += sent;
    if (!conn->broken && conn_pending(conn) > 0)
        return;
    event_del(&conn->writable);
    buf_finish(&conn->out);
    conn->out_sent = 0;
    struct exchange *x = conn->broken ? NULL : conn->x;
    conn_settle(conn);
    if (x != NULL && x->room != NULL)
        x->room(x->room_arg); // last: the reply may end there, and the connection with it
}

void conn_replied(struct http_conn *conn)
{
    if (conn->home->turn != conn) // else conn_turn goes on
        conn_settle(conn);
}

void conn_expired(struct http_conn *conn)
{
    switch (conn->phase) {
    case CONN_READING:
        exchange_refuse(conn->x, ERR_TIMEOUT, "not whole in time");
        break;
    case CONN_WRITING:
        if (conn->taken < TAKEN_LEAST) {
            conn_close(conn);
        } else {
            conn->taken = 0;
            conn_enter(conn, CONN_WRITING);
        }
        break;
    case CONN_STREAMING:
        stream_heartbeat(conn->stream);
        conn_enter(conn, CONN_STREAMING);
        break;
    default:
        conn_close(conn);
    }
}
