#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

// One HTTP exchange as a handler sees it. It lives in its own arena from the first byte of the
// request until exactly one final reply was given, also when the client has gone meanwhile; after
// the reply the handler must not touch it. A request stays on one loop's thread.

struct app_loop; // what a handler needs of its loop: see http/server.h
struct route;
struct stream;

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_METHODS };
enum lang { LANG_VI, LANG_EN };

// Who asks. Filled by the authenticator that the program gives the server (http/auth.h).
struct principal {
    int64_t account; // 0: nobody
    int64_t unit;    // 0: none
    uint32_t roles;  // bits of account/account.h
    const char *login, *name, *unit_code, *unit_name;
    uint8_t session[16]; // session id, zero for API keys
    int64_t device;      // whose key it is; 0: none
    bool by_cookie;
};

struct request {
    struct arena arena;
    char id[27];         // X-Request-Id
    const char *subject; // "req=… who=…", for log_line
    enum http_method method;
    const char *path;  // decoded, without query
    const char *query; // raw, "" when absent
    const char *host;
    const char *peer; // client address, without port
    enum lang lang;
    const struct route *route;
    const char *params[4]; // what stood in the {…} of the route, decoded, in order
    json_t *args;          // query string, checked by route->query: {"name": text or number}
    json_t *body;          // JSON body, checked by route->body; NULL when the route takes none
    const char *raw;       // body bytes
    size_t raw_len;
    int64_t began; // clock_monotonic at the last byte
    struct principal who;
    struct app_loop *app;
    struct http_conn *conn; // NULL when the client has gone
};

// NULL when absent. Name in any case.
const char *request_header(const struct request *req, const char *name);
// Value of a query parameter, decoded; NULL when absent. (Prefer route->query and req->args.)
const char *request_arg(struct request *req, const char *name);
const char *request_cookie(struct request *req, const char *name);
// The header Idempotency-Key: *key is NULL when absent. ERR_BAD_REQUEST when it is not 1 to 64
// visible ASCII characters.
must_check enum err request_idempotency_key(const struct request *req, const char **key);
// True behind a proxy that is trusted and says https.
bool request_is_https(const struct request *req);
// The URL of a path: under conf.public_url, else under http://<listen>. Never under the Host that a
// client named: links are printed and passed on.
const char *request_url(struct request *req, const char *path);
