#pragma once
#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/queue.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "http/chunked.h"
#include "http/parse.h"
#include "http/request.h"
#include "http/server.h"

// Inside of http/ only: a connection, the exchange on it, and what a loop keeps for all of them.
//
// A turn for a readable connection is: one recv, parse, route, handle, one send. Replies made while
// a connection's bytes are being read are gathered and leave together at the end of the turn.
// A connection is always in one phase. Each phase has one time limit, the same for all, so a queue
// in order of arrival is enough: no timer is armed or moved for a request, one tick a loop looks at
// the heads of the queues.

enum conn_phase {
    CONN_IDLE,      // between requests: conf.idle_timeout
    CONN_READING,   // from the first byte of a request to its last: conf.request_timeout
    CONN_HANDLING,  // a handler waits; no limit here
    CONN_WRITING,   // the client reads slowly; must take a little each conf.request_timeout
    CONN_LINGERING, // all is said; what still comes is thrown away so that the reply arrives
    CONN_STREAMING, // an event stream; its time is that of the next heartbeat
    CONN_PHASES
};

enum exchange_stage {
    EXCHANGE_HEAD,
    EXCHANGE_BODY,
    EXCHANGE_AUTH,
    EXCHANGE_HANDLED,
    EXCHANGE_ENDED
};

struct exchange {
    struct request req;
    struct exchange *next; // of the spare ones
    enum exchange_stage stage;
    bool keep; // the connection may go on after the reply
    struct parse head;
    char *text; // bytes of the head; names and values end with NUL
    struct chunked chunked;
    struct buf body;
    struct buf extra; // reply_header's lines
    // of a reply in parts
    void (*room)(void *arg); // NULL: it is none
    void *room_arg;
    int status;
    size_t parted; // bytes so far
};

struct http_conn {
    TAILQ_ENTRY(http_conn) entry;
    struct http_listener *home;
    struct event readable, writable;
    enum conn_phase phase;
    int64_t since;      // of the phase
    struct exchange *x; // NULL between requests
    struct stream *stream;
    struct buf in;   // bytes not yet used
    struct buf out;  // bytes the client has not taken
    size_t out_sent; // of `out`
    size_t taken;    // bytes taken in this WRITING period, or thrown away while LINGERING
    bool paused;     // not watched for reading
    bool ending;     // no request after the present one
    bool unread;     // it may still be sending what we will not read
    bool broken;     // nothing can be sent any more
    char peer[48];
};

TAILQ_HEAD(conn_queue, http_conn);

enum { CHUNK_MAX = 65536, GATHER_MAX = 65536, PENDING_MAX = 65536, SPARES_MAX = 256 };

struct http_listener {
    struct app_loop *app;
    int fd;
    bool accepting, draining;
    struct event acceptable, tick;
    struct conn_queue phases[CONN_PHASES];
    int connections, exchanges;
    loop_task *drained;
    void *drained_arg;
    struct http_conn *turn; // whose bytes are being read now
    struct buf gathered;    // its replies of this turn
    struct buf head;        // of the reply being written
    struct exchange *spares;
    int spare_count;
    uint64_t id_seed, id_count;
    int64_t date_at;
    char date[40];
    char chunk[CHUNK_MAX];
};

// --- conn.c: bytes and phases -------------------------------------------------------------------
void conn_open(struct http_listener *home, int fd, const char *peer);
void conn_close(struct http_conn *conn);
// Closes at the next chance, not now: for callers that stand on the connection.
void conn_close_soon(struct http_conn *conn);
// conn_send.c. A connection that cannot be written to is marked broken, not closed.
void conn_send(struct http_conn *conn, const struct iovec *parts, int count);
void conn_send_gathered(struct http_conn *conn);
// What the socket takes now, 0 or more.
ssize_t conn_write(struct http_conn *conn, struct iovec *parts, int count);
size_t conn_pending(const struct http_conn *conn);
// The reply is out; go on with the next request, or end.
void conn_replied(struct http_conn *conn);
void conn_enter(struct http_conn *conn, enum conn_phase phase);
// The client has not taken all that was sent: it must take a little within each request_timeout.
void conn_slow(struct http_conn *conn);
void conn_expired(struct http_conn *conn);

// --- server.c -----------------------------------------------------------------------------------
void listener_conn_closed(struct http_listener *home);
void listener_drain_check(struct http_listener *home);

// --- exchange.c: one request and its reply ------------------------------------------------------
struct exchange *exchange_begin(struct http_conn *conn);
void exchange_refuse(struct exchange *x, enum err err, const char *why);
void exchange_head(struct exchange *x, const char *data);
must_check size_t exchange_body(struct exchange *x, const char *data, size_t len);
void exchange_authenticated(struct exchange *x, enum err err);
// The client has gone.
void exchange_abandon(struct exchange *x);
void exchange_free(struct exchange *x);
// After the reply was handed to the connection, or dropped.
void exchange_end(struct exchange *x);

static inline struct exchange *exchange_of(const struct request *req)
{
    return container_of(req, struct exchange, req);
}

// --- request.c ----------------------------------------------------------------------------------
// ------------------------------------------------------------------------------------ Gives it its
// id and subject.
void request_name(struct http_listener *home, struct request *req);
// Fills what the head says: method, path, host, language.
must_check enum err request_from_head(struct exchange *x);
// Clean text of percent-encoded text that the parser has seen; NULL when it is not clean.
char *request_decode(struct request *req, const char *text, size_t len, bool plus);
// Fills req->args, or req->body from a form (query.c).
must_check enum err request_query(struct request *req, struct json_errors *errors);
must_check enum err request_form(struct request *req, struct json_errors *errors);
bool request_under_v1(const struct request *req);

// --- auth.c -------------------------------------------------------------------------------------
void auth_begin(struct request *req);
must_check enum err auth_allowed(const struct request *req);

// --- sse.c --------------------------------------------------------------------------------------
void stream_ended(struct stream *stream); // its connection closes
void stream_heartbeat(struct stream *stream);

// --- respond.c ----------------------------------------------------------------------------------
// ------------------------------------------------------------------------------------ The head of
// a reply into home->head; no Content-Length when len is SIZE_MAX.
void reply_head(struct request *req, int status, const char *type, size_t len);
bool reply_has_header(const struct request *req, const char *name);
// Tells who listens (http_on_written), before the reply leaves.
void reply_written(struct request *req, int status);
// Counts and logs the reply.
void reply_account(struct request *req, int status, size_t len);

// --- problem.c ----------------------------------------------------------------------------------
// ------------------------------------------------------------------------------------ A page for
// people instead of the JSON document; takes the reference of `document`.
void reply_problem_page(struct request *req, const struct err_row *row, json_t *document);
