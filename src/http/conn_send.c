#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "http/conn.h"

// The way out of a connection: at once where the socket takes it, the rest when it is writable.

size_t conn_pending(const struct http_conn *conn)
{
    return conn->out.len - conn->out_sent;
}

static void keep_unsent(struct http_conn *conn, const struct iovec *parts, int count, size_t sent)
{
    for (int i = 0; i < count; i++) {
        size_t skip = sent < parts[i].iov_len ? sent : parts[i].iov_len;
        sent -= skip;
        buf_add(&conn->out, (const char *)parts[i].iov_base + skip, parts[i].iov_len - skip);
    }
    if (conn_pending(conn) > 0 && event_add(&conn->writable, NULL) != 0)
        conn->broken = true;
}

ssize_t conn_write(struct http_conn *conn, struct iovec *parts, int count)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
    ssize_t sent;
    do
        sent = sendmsg(event_get_fd(&conn->writable), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        conn->broken = true;
    return sent < 0 ? 0 : sent;
}

static void send_now(struct http_conn *conn, struct iovec *parts, int count)
{
    ssize_t sent = conn_write(conn, parts, count);
    if (!conn->broken)
        keep_unsent(conn, parts, count, (size_t)sent);
}

void conn_send_gathered(struct http_conn *conn)
{
    struct buf *gathered = &conn->home->gathered;
    if (gathered->len > 0 && !conn->broken) {
        struct iovec part = {gathered->data, gathered->len};
        send_now(conn, &part, 1);
    }
    buf_reset(gathered);
}

void conn_send(struct http_conn *conn, const struct iovec *parts, int count)
{
    struct buf *gathered = &conn->home->gathered;
    bool gather = conn->home->turn == conn;
    struct iovec all[5];
    size_t total = 0;
    int used = 0;
    if (conn->broken)
        return;
    if (gather && gathered->len > 0)
        all[used++] = (struct iovec){gathered->data, gathered->len};
    for (int i = 0; i < count && used < (int)countof(all); i++) {
        total += parts[i].iov_len;
        all[used++] = parts[i];
    }
    if (conn_pending(conn) > 0) {
        keep_unsent(conn, all, used, 0);
    } else if (gather && gathered->len + total <= GATHER_MAX) {
        for (int i = 0; i < count; i++)
            buf_add(gathered, parts[i].iov_base, parts[i].iov_len);
        return;
    } else {
        send_now(conn, all, used);
    }
    if (gather)
        buf_reset(gathered);
}
