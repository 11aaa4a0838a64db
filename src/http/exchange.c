#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/auth.h"
#include "http/conn.h"
#include "http/respond.h"
#include "http/route.h"

// The life of one request: head, body, authentication, handler, reply. Every way out ends in one
// reply_… and through it in exchange_end; an exchange whose client has gone ends there as well.

enum { BODY_DEFAULT = 65536, BODY_KEPT = 65536 };

struct exchange *exchange_begin(struct http_conn *conn)
{
    struct http_listener *home = conn->home;
    struct exchange *x = home->spares;
    if (x != NULL) {
        home->spares = x->next;
        home->spare_count--;
    } else if ((x = calloc(1, sizeof *x)) == NULL) {
        die("out of memory");
    }
    home->exchanges++;
    x->req = (struct request){.app = home->app, .conn = conn, .peer = conn->peer};
    x->req.query = x->req.path = x->req.host = "";
    x->stage = EXCHANGE_HEAD;
    x->keep = true;
    x->text = NULL;
    x->room = NULL;
    x->parted = 0;
    arena_init(&x->req.arena);
    parse_init(&x->head);
    chunked_init(&x->chunked);
    request_name(home, &x->req);
    return conn->x = x;
}

void exchange_free(struct exchange *x)
{
    buf_finish(&x->body);
    buf_finish(&x->extra);
    free(x);
}

static void release(struct http_listener *home, struct exchange *x)
{
    json_decref(x->req.args);
    json_decref(x->req.body);
    arena_finish(&x->req.arena);
    if (home == NULL || home->spare_count >= SPARES_MAX) {
        exchange_free(x);
        return;
    }
    buf_reset(&x->extra);
    if (x->body.cap > BODY_KEPT)
        buf_finish(&x->body);
    buf_reset(&x->body);
    x->next = home->spares;
    home->spares = x;
    home->spare_count++;
}

void exchange_end(struct exchange *x)
{
    struct http_conn *conn = x->req.conn;
    struct http_listener *home = x->req.app->listener;
    x->stage = EXCHANGE_ENDED;
    if (conn != NULL) {
        conn->x = NULL;
        conn->ending = conn->ending || !x->keep;
    }
    release(home, x);
    if (home == NULL)
        return;
    home->exchanges--;
    if (conn != NULL)
        conn_replied(conn);
    else
        listener_drain_check(home);
}

void exchange_abandon(struct exchange *x)
{
    x->req.conn->x = NULL;
    x->req.conn = NULL;
    if (x->stage < EXCHANGE_AUTH) {
        exchange_end(x);
        return;
    }
    x->req.peer = arena_strdup(&x->req.arena, x->req.peer); // it stood in the connection
    log_info("http", x->req.subject, "client has gone");
    if (x->room != NULL)
        x->room(x->room_arg);
}

// Leaves unread bytes behind, so the connection cannot go on.
static void stop_reading(struct exchange *x)
{
    x->keep = false;
    x->req.conn->unread = true;
}

void exchange_refuse(struct exchange *x, enum err err, const char *why)
{
    metric_add(METRIC_http_refused, 1);
    log_info("http", x->req.subject, "refused: %s", why);
    stop_reading(x);
    reply_problem(&x->req, err, NULL);
}

// --- the head -----------------------------------------------------------------------------------
static void terminate(char *text, struct parse_span span)
{
    text[span.at + span.len] = '\0';
}

static void keep_head(struct exchange *x, const char *data)
{
    const struct parse *head = &x->head;
    x->text = arena_copy(&x->req.arena, data, head->size);
    terminate(x->text, head->method);
    terminate(x->text, head->target);
    for (uint32_t i = 0; i < head->count; i++) {
        terminate(x->text, head->fields[i].name);
        terminate(x->text, head->fields[i].value);
    }
    x->keep = !head->close;
}

static bool expects_body(const struct exchange *x)
{
    return x->head.chunked || x->head.length > 0;
}

static size_t body_limit(const struct exchange *x)
{
    return x->req.route->body_max ? x->req.route->body_max : BODY_DEFAULT;
}

static bool has_type(const struct request *req, const char *wanted)
{
    const char *type = request_header(req, "Content-Type");
    if (type == NULL || strncasecmp(type, wanted, strlen(wanted)) != 0)
        return false;
    type += strlen(wanted);
    type += strspn(type, " \t");
    return *type == '\0' || *type == ';';
}

static bool type_fits(const struct request *req)
{
    return req->route->raw_body ||
           has_type(req, req->route->form_body ? "application/x-www-form-urlencoded"
                                               : "application/json");
}

static void reply_unrouted(struct exchange *x, enum err err, const char *allow)
{
    bool options = strcmp(x->text + x->head.method.at, "OPTIONS") == 0;
    if (expects_body(x))
        stop_reading(x);
    if (allow != NULL)
        reply_header(&x->req, "Allow", allow);
    if (options && err == ERR_METHOD_NOT_ALLOWED)
        reply_empty(&x->req, 204);
    else
        reply_problem(&x->req, err, NULL);
}

static void exchange_whole(struct exchange *x)
{
    x->stage = EXCHANGE_AUTH;
    x->req.began = clock_monotonic();
    x->req.raw = x->body.len > 0 ? x->body.data : "";
    x->req.raw_len = x->body.len;
    auth_begin(&x->req);
}

static void await_body(struct exchange *x)
{
    static char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!x->head.chunked && x->head.length > body_limit(x)) {
        exchange_refuse(x, ERR_TOO_LARGE, "body over the limit");
    } else if (!type_fits(&x->req)) {
        exchange_refuse(x, ERR_UNSUPPORTED_MEDIA, "body is of another type than the route's");
    } else if (x->head.expect) {
        struct iovec part = {go_on, sizeof go_on - 1};
        conn_send(x->req.conn, &part, 1);
    }
}

void exchange_head(struct exchange *x, const char *data)
{
    keep_head(x, data);
    x->stage = EXCHANGE_BODY;
    enum err err = request_from_head(x);
    if (err != ERR_OK) {
        exchange_refuse(x, err, "malformed target or header");
        return;
    }
    const char *allow = NULL;
    err = route_find(&x->req, &allow);
    if (err != ERR_OK)
        reply_unrouted(x, err, allow);
    else if (expects_body(x))
        await_body(x);
    else
        exchange_whole(x);
}

// --- the body -----------------------------------------------------------------------------------
static size_t body_by_length(struct exchange *x, const char *data, size_t len)
{
    size_t left = (size_t)x->head.length - x->body.len;
    size_t take = left < len ? left : len;
    buf_add(&x->body, data, take);
    if (take == left)
        exchange_whole(x);
    return take;
}

static size_t body_by_chunks(struct exchange *x, const char *data, size_t len)
{
    struct chunked_part part;
    size_t used = chunked_read(&x->chunked, data, len, &part);
    if (x->body.len + part.len > body_limit(x)) {
        exchange_refuse(x, ERR_TOO_LARGE, "body over the limit");
        return used;
    }
    buf_add(&x->body, part.data, part.len);
    if (x->chunked.state == CHUNKED_BAD)
        exchange_refuse(x, ERR_BAD_REQUEST, "malformed chunk");
    else if (x->chunked.state == CHUNKED_DONE)
        exchange_whole(x);
    return used;
}

size_t exchange_body(struct exchange *x, const char *data, size_t len)
{
    return x->head.chunked ? body_by_chunks(x, data, len) : body_by_length(x, data, len);
}

// --- the handler --------------------------------------------------------------------------------
static enum err read_body(struct request *req, struct json_errors *errors)
{
    static const struct json_field nothing[] = {{0}};
    const struct route *route = req->route;
    if (route->raw_body || (route->body == NULL && req->raw_len == 0))
        return ERR_OK;
    if (route->form_body)
        return request_form(req, errors);
    return json_read(&req->arena, req->raw, req->raw_len, route->body ? route->body : nothing,
                     &req->body, errors);
}

static enum err read_input(struct request *req, struct json_errors *errors)
{
    enum err err = request_query(req, errors);
    return err != ERR_OK ? err : read_body(req, errors);
}

void exchange_authenticated(struct exchange *x, enum err err)
{
    struct request *req = &x->req;
    if (req->conn == NULL) {
        exchange_end(x);
        return;
    }
    x->stage = EXCHANGE_HANDLED;
    if (req->who.login != NULL)
        req->subject = arena_printf(&req->arena, "%s who=%s", req->subject, req->who.login);
    if (err == ERR_OK || req->route->roles == ROUTE_PUBLIC)
        err = auth_allowed(req);
    struct json_errors errors = {.count = 0};
    if (err == ERR_OK)
        err = read_input(req, &errors);
    if (err == ERR_OK)
        req->route->handle(req);
    else if (err == ERR_INVALID_FIELDS)
        reply_problem_fields(req, err, &errors);
    else
        reply_problem(req, err, NULL);
}
