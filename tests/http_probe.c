#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/log.h"
#include "http/assets.h"
#include "http/auth.h"
#include "http/respond.h"
#include "http/route.h"
#include "http/server.h"
#include "http/sse.h"

// The HTTP front alone, without a database, for the tests of tests/api/http_*.test.mjs and for
// measuring. Prints "port N" when it listens; SIGTERM drains it.

static void hello(struct request *req)
{
    static const char text[] = "{\"hello\":\"world\",\"n\":[1,2,3,4,5,6,7,8]}";
    reply_json_text(req, 200, text, sizeof text - 1);
}

// What arrived, so that a test can see whether bytes moved from one message into another.
static void echo(struct request *req)
{
    reply_json(req, 200,
               json_pack("{s:s, s:s%, s:i, s:s, s:b}", "path", req->path, "body", req->raw,
                         req->raw_len, "length", (int)req->raw_len, "peer", req->peer, "https",
                         request_is_https(req)));
}

static void typed(struct request *req)
{
    reply_json(req, 201, json_pack("{s:O?, s:O?}", "body", req->body, "args", req->args));
}

static void param(struct request *req)
{
    reply_json(req, 200,
               json_pack("{s:s, s:s, s:s}", "a", req->params[0], "b",
                         req->params[1] ? req->params[1] : "", "url", request_url(req, "/x")));
}

static int waiting, left;

static void later_done(evutil_socket_t fd, short what, void *arg)
{
    struct request *req = arg;
    waiting--;
    left += req->conn == NULL && strcmp(req->peer, "127.0.0.1") == 0; // what it was stays known
    hello(req);
}

static void later(struct request *req)
{
    int64_t ms = json_int(req->args, "ms", 100);
    struct timeval after = {ms / 1000, ms % 1000 * 1000};
    waiting++;
    if (event_base_once(req->app->loop.base, -1, EV_TIMEOUT, later_done, req, &after) != 0)
        reply_problem(req, ERR_BUSY, NULL);
}

static void counts(struct request *req)
{
    reply_json(req, 200, json_pack("{s:i, s:i}", "waiting", waiting, "left", left));
}

static void big(struct request *req)
{
    size_t size = (size_t)json_int(req->args, "bytes", 0);
    char *data = malloc(size + 1);
    if (data == NULL)
        die("out of memory");
    memset(data, 'x', size);
    reply_bytes(req, 200, "text/plain", data, size);
    free(data);
}

// --- replies in parts
// -----------------------------------------------------------------------------
static struct parted {
    struct request *req;
    size_t left, sent;
    bool breaks;
} parted;
static int parted_ended;

static void parted_go(void *arg)
{
    static char part[100000];
    enum reply_flow flow = parted.req->conn ? REPLY_GO_ON : REPLY_GONE;
    memset(part, 'x', sizeof part);
    while (flow == REPLY_GO_ON && parted.left > 0) {
        size_t len = parted.left < sizeof part ? parted.left : sizeof part;
        flow = reply_part(parted.req, part, len);
        parted.left -= len;
        parted.sent += len;
    }
    if (flow == REPLY_WAIT)
        return;
    parted_ended++;
    reply_end(parted.req, flow == REPLY_GO_ON && !parted.breaks);
}

// One at a time.
static void parts(struct request *req)
{
    parted = (struct parted){req, (size_t)json_int(req->args, "bytes", 0), 0,
                             json_int(req->args, "ms", 0) > 0};
    reply_begin(req, 200, "text/plain", parted_go, NULL);
    parted_go(NULL);
}

static void parts_sent(struct request *req)
{
    reply_json(req, 200,
               json_pack("{s:I, s:i}", "sent", (json_int_t)parted.sent, "ended", parted_ended));
}

// --- streams ------------------------------------------------------------------------------------
static struct stream *streams[64];

static void stream_gone(void *arg)
{
    *(struct stream **)arg = NULL;
}

static void stream_get(struct request *req)
{
    for (size_t i = 0; i < countof(streams); i++) {
        if (streams[i] == NULL) {
            streams[i] = stream_open(req, stream_gone, &streams[i]);
            if (streams[i] != NULL)
                stream_send(streams[i], "0", "hello", "{}");
            return;
        }
    }
    reply_problem(req, ERR_BUSY, NULL);
}

static void publish(struct request *req)
{
    int open = 0;
    for (size_t i = 0; i < countof(streams); i++) {
        if (streams[i] != NULL) {
            stream_send(streams[i], "1", NULL, req->raw);
            open++;
        }
    }
    reply_json(req, 200, json_pack("{s:i}", "streams", open));
}

// --- who asks -----------------------------------------------------------------------------------
static void authenticate_later(evutil_socket_t fd, short what, void *arg)
{
    struct request *req = arg;
    req->who = (struct principal){.account = 1, .roles = 2, .login = "slow"};
    auth_done(req, ERR_OK);
}

static void authenticate(struct request *req)
{
    const char *bearer = request_header(req, "Authorization");
    const char *cookie = request_cookie(req, "probe");
    struct timeval soon = {.tv_usec = 20000};
    if (bearer != NULL && strcmp(bearer, "Bearer slow") == 0 &&
        event_base_once(req->app->loop.base, -1, EV_TIMEOUT, authenticate_later, req, &soon) == 0)
        return;
    bool good = (bearer && strcmp(bearer, "Bearer good") == 0) || (cookie && *cookie == 'g');
    if (good)
        req->who = (struct principal){
            .account = 1, .roles = 2, .login = "probe", .by_cookie = cookie != NULL};
    auth_done(req, good || (!bearer && !cookie) ? ERR_OK : ERR_UNAUTHENTICATED);
}

static void key(struct request *req)
{
    const char *value;
    enum err err = request_idempotency_key(req, &value);
    if (err != ERR_OK)
        reply_problem(req, err, NULL);
    else
        reply_json(req, 200, json_pack("{s:s?}", "key", value));
}

static const struct json_field number[] = {
    {.name = "ms", .kind = JSON_KIND_INT, .least = 0, .greatest = 60000, .text = "milliseconds"},
    {.name = "bytes", .kind = JSON_KIND_INT, .least = 0, .greatest = 1 << 28, .text = "bytes"},
    {0},
};
static const struct json_field named[] = {
    {.name = "name", .kind = JSON_KIND_TEXT, .required = true, .least = 1, .greatest = 20},
    {0},
};

static const struct route routes[] = {
    {HTTP_GET, "/", ROUTE_PUBLIC, hello},
    {HTTP_GET, "/v1/hello", ROUTE_PUBLIC, hello, .text_en = "A small reply."},
    {HTTP_POST, "/v1/echo", ROUTE_PUBLIC, echo, .raw_body = true},
    {HTTP_POST, "/v1/typed", ROUTE_PUBLIC, typed, .body = named, .query = number},
    {HTTP_GET, "/v1/things/{a}", ROUTE_PUBLIC, param},
    {HTTP_GET, "/v1/things/{a}/parts/{b}", ROUTE_PUBLIC, param},
    {HTTP_GET, "/v1/things/special", ROUTE_PUBLIC, hello},
    {HTTP_GET, "/v1/later", ROUTE_PUBLIC, later, .query = number},
    {HTTP_GET, "/v1/counts", ROUTE_PUBLIC, counts},
    {HTTP_GET, "/v1/big", ROUTE_PUBLIC, big, .query = number},
    {HTTP_GET, "/v1/parts", ROUTE_PUBLIC, parts, .query = number},
    {HTTP_GET, "/v1/parts/sent", ROUTE_PUBLIC, parts_sent},
    {HTTP_GET, "/v1/stream", ROUTE_PUBLIC, stream_get},
    {HTTP_POST, "/v1/publish", ROUTE_PUBLIC, publish, .raw_body = true, .body_max = 1 << 20},
    {HTTP_GET, "/v1/mine", 2, hello},
    {HTTP_POST, "/v1/mine", 2, hello},
    {HTTP_GET, "/v1/other", 4, hello},
    {HTTP_POST, "/v1/key", ROUTE_PUBLIC, key},
    {0},
};

static struct app_loop app;

static void drained(void *arg)
{
    loop_stop(&app.loop);
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
    http_drain(&app, drained, NULL);
}

int main(int argc, char **argv)
{
    if (!conf_load(&argc, argv) || !loop_init(&app.loop, 0))
        return 2;
    log_setup(strcmp(conf.log_level, "warn") == 0 ? LOG_WARN : LOG_INFO, false);
    route_add(routes);
    route_add(ops_routes);
    route_add(page_routes);
    route_add(openapi_routes);
    route_add(assets_routes);
    auth_use(authenticate);
    if (!http_listen(&app))
        return 1;
    struct event *term = evsignal_new(app.loop.base, SIGTERM, on_term, NULL);
    if (term == NULL || event_add(term, NULL) != 0)
        return 1;
    printf("port %d\n", http_port(&app));
    fflush(stdout);
    loop_run(&app.loop);
    http_close(&app);
    event_free(term);
    loop_finish(&app.loop);
    return 0;
}
