#include <stdio.h>

#include "http/conn.h"
#include "http/respond.h"

// Chunked coding (RFC 9112 7.1), a chunk a part. What the client does not take is kept once and
// then waited for, so a slow one costs a part and no more.

static char line_end[] = "\r\n", last_chunk[] = "0\r\n\r\n";

// Whoever asked only for the head, or has gone, wants no body.
static bool takes_body(const struct request *req)
{
    return req->conn != NULL && !req->conn->broken && req->method != HTTP_HEAD;
}

void reply_begin(struct request *req, int status, const char *type, void (*room)(void *arg),
                 void *arg)
{
    struct exchange *x = exchange_of(req);
    struct http_listener *home = req->app->listener;
    x->room = room;
    x->room_arg = arg;
    x->status = status;
    reply_written(req, status);
    if (req->conn == NULL)
        return;
    x->keep = x->keep && !home->draining;
    reply_header(req, "Transfer-Encoding", "chunked");
    reply_head(req, status, type, SIZE_MAX);
    struct iovec part = {home->head.data, home->head.len};
    conn_send(req->conn, &part, 1);
}

enum reply_flow reply_part(struct request *req, const void *data, size_t len)
{
    char size[24];
    if (!takes_body(req) || req->app->listener->draining)
        return REPLY_GONE;
    if (len == 0) // would be the last
        return REPLY_GO_ON;
    int digits = snprintf(size, sizeof size, "%zx\r\n", len);
    struct iovec parts[] = {{size, (size_t)digits}, {(void *)data, len}, {line_end, 2}};
    conn_send(req->conn, parts, countof(parts));
    exchange_of(req)->parted += len;
    if (req->conn->broken)
        return REPLY_GONE;
    if (conn_pending(req->conn) == 0)
        return REPLY_GO_ON;
    conn_slow(req->conn);
    return REPLY_WAIT;
}

void reply_end(struct request *req, bool whole)
{
    struct exchange *x = exchange_of(req);
    x->room = NULL;
    reply_account(req, x->status, x->parted);
    if (takes_body(req) && whole) {
        struct iovec last = {last_chunk, 5};
        conn_send(req->conn, &last, 1);
    } else if (takes_body(req)) {
        req->conn->broken = true;
    }
    exchange_end(x);
}
