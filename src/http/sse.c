#include "http/sse.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "http/conn.h"
#include "http/respond.h"

enum { WAITING_MAX = 65536 };

struct stream {
    struct http_conn *conn;
    void (*closed)(void *arg);
    void *arg;
};

static void send_text(struct stream *stream, const char *text, size_t len)
{
    struct iovec part = {(void *)text, len};
    struct http_conn *conn = stream->conn;
    if (conn->broken)
        return;
    conn_send(conn, &part, 1);
    if (conn_pending(conn) > WAITING_MAX) {
        metric_add(METRIC_http_streams_dropped, 1);
        conn->broken = true;
    }
    if (conn->broken)
        conn_close_soon(conn);
}

struct stream *stream_open(struct request *req, void (*closed)(void *arg), void *arg)
{
    struct http_conn *conn = req->conn;
    if (conn == NULL || req->method == HTTP_HEAD) { // nobody to stream to
        reply_bytes(req, 200, "text/event-stream", NULL, 0);
        closed(arg);
        return NULL;
    }
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        die("out of memory");
    *stream = (struct stream){conn, closed, arg};
    struct http_listener *home = conn->home;
    exchange_of(req)->keep = false; // the stream ends with its connection
    reply_header(req, "X-Accel-Buffering", "no");
    reply_head(req, 200, "text/event-stream", SIZE_MAX);
    log_info("http", req->subject, "stream of %s opened", req->path);
    metric_add(METRIC_http_requests, 1);
    metric_add(METRIC_http_streams, 1);
    conn->stream = stream;
    exchange_end(exchange_of(req)); // before sending: a failure then closes later, not here
    send_text(stream, home->head.data, home->head.len);
    if (home->draining)
        conn_close_soon(conn);
    return stream;
}

void stream_send(struct stream *stream, const char *id, const char *event, const char *data)
{
    struct buf *text = &stream->conn->home->head;
    buf_reset(text);
    if (id != NULL)
        buf_printf(text, "id: %s\n", id);
    if (event != NULL)
        buf_printf(text, "event: %s\n", event);
    buf_text(text, "data: ");
    buf_text(text, data);
    buf_text(text, "\n\n");
    send_text(stream, text->data, text->len);
}

// A comment, so that proxies keep the connection and a client that vanished is noticed.
void stream_heartbeat(struct stream *stream)
{
    send_text(stream, ":\n\n", 3);
}

void stream_close(struct stream *stream)
{
    conn_close_soon(stream->conn);
}

void stream_ended(struct stream *stream)
{
    stream->conn->stream = NULL;
    metric_add(METRIC_http_streams, -1);
    stream->closed(stream->arg);
    free(stream);
}
