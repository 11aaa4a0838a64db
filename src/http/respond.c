#include "http/respond.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/conn.h"
#include "http/route.h"

static const char *status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } rows[] = {
        {200, "200 OK"},
        {201, "201 Created"},
        {202, "202 Accepted"},
        {204, "204 No Content"},
        {206, "206 Partial Content"},
        {301, "301 Moved Permanently"},
        {302, "302 Found"},
        {303, "303 See Other"},
        {304, "304 Not Modified"},
        {307, "307 Temporary Redirect"},
        {308, "308 Permanent Redirect"},
        {400, "400 Bad Request"},
        {401, "401 Unauthorized"},
        {403, "403 Forbidden"},
        {404, "404 Not Found"},
        {405, "405 Method Not Allowed"},
        {408, "408 Request Timeout"},
        {409, "409 Conflict"},
        {410, "410 Gone"},
        {412, "412 Precondition Failed"},
        {413, "413 Content Too Large"},
        {414, "414 URI Too Long"},
        {415, "415 Unsupported Media Type"},
        {416, "416 Range Not Satisfiable"},
        {417, "417 Expectation Failed"},
        {422, "422 Unprocessable Content"},
        {429, "429 Too Many Requests"},
        {431, "431 Request Header Fields Too Large"},
        {500, "500 Internal Server Error"},
        {501, "501 Not Implemented"},
        {503, "503 Service Unavailable"},
        {505, "505 HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < countof(rows); i++)
        if (rows[i].status == status)
            return rows[i].text;
    return "500 Internal Server Error";
}

// --- headers ------------------------------------------------------------------------------------
void reply_header(struct request *req, const char *name, const char *value)
{
    if (strpbrk(value, "\r\n") != NULL) {
        log_error("http", req->subject, "header %s dropped: it holds a line end", name);
        return;
    }
    struct buf *extra = &exchange_of(req)->extra;
    buf_text(extra, name);
    buf_text(extra, ": ");
    buf_text(extra, value);
    buf_text(extra, "\r\n");
}

bool reply_has_header(const struct request *req, const char *name)
{
    const struct buf *extra = &exchange_of(req)->extra;
    size_t len = strlen(name);
    const char *at = extra->len > 0 ? extra->data : NULL;
    for (; at != NULL && *at != '\0'; at = strchr(at, '\n') + 1)
        if (strncasecmp(at, name, len) == 0 && at[len] == ':')
            return true;
    return false;
}

static const char *date_now(struct http_listener *home)
{
    int64_t now = clock_now() / 1000000;
    if (now != home->date_at) {
        struct tm utc;
        time_t seconds = (time_t)now;
        gmtime_r(&seconds, &utc);
        strftime(home->date, sizeof home->date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
        home->date_at = now;
    }
    return home->date;
}

// Pages may use the camera for scanning and ask for nothing from elsewhere.
static const char html_policy[] =
    "Content-Security-Policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'\r\n"
    "Permissions-Policy: camera=(self), geolocation=(self), microphone=()\r\n";

static const char *cache_control(const struct request *req, int status)
{
    bool once = request_under_v1(req) || status >= 400;
    return once ? "Cache-Control: no-store\r\n" : "Cache-Control: no-cache\r\n";
}

static void number(struct buf *out, size_t value)
{
    char digits[24];
    int at = sizeof digits;
    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    buf_add(out, digits + at, sizeof digits - (size_t)at);
}

void reply_head(struct request *req, int status, const char *type, size_t len)
{
    struct exchange *x = exchange_of(req);
    struct http_listener *home = req->app->listener;
    struct buf *head = &home->head;
    buf_reset(head);
    buf_text(head, "HTTP/1.1 ");
    buf_text(head, status_text(status));
    buf_text(head, "\r\nDate: ");
    buf_text(head, date_now(home));
    buf_text(head, "\r\nX-Request-Id: ");
    buf_text(head, req->id);
    buf_text(head, "\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n");
    if (type != NULL) {
        buf_text(head, "Content-Type: ");
        buf_text(head, type);
        buf_text(head, "\r\n");
    }
    if (len != SIZE_MAX) {
        buf_text(head, "Content-Length: ");
        number(head, len);
        buf_text(head, "\r\n");
    }
    if (!reply_has_header(req, "Cache-Control"))
        buf_text(head, cache_control(req, status));
    if (type != NULL && strncmp(type, "text/html", 9) == 0)
        buf_text(head, html_policy);
    if (request_is_https(req))
        buf_text(head, "Strict-Transport-Security: max-age=31536000\r\n");
    if (!x->keep)
        buf_text(head, "Connection: close\r\n");
    if (x->extra.len > 0)
        buf_add(head, x->extra.data, x->extra.len);
    buf_text(head, "\r\n");
}

// --- the one way out ----------------------------------------------------------------------------
static const char *method_name(const struct request *req)
{
    const struct exchange *x = exchange_of(req);
    return x->text ? x->text + x->head.method.at : "-";
}

void reply_account(struct request *req, int status, size_t len)
{
    int64_t took = req->began > 0 ? clock_monotonic() - req->began : 0;
    metric_add(METRIC_http_requests, 1);
    if (req->began > 0)
        metric_observe(METRIC_http_seconds, took);
    log_info("http", req->subject, "%s %s %d %zu bytes %lld us", method_name(req), req->path,
             status, len, (long long)took);
}

static void (*written)(struct app_loop *app);

void http_on_written(void (*told)(struct app_loop *app))
{
    written = told;
}

static bool may_have_written(const struct request *req, int status)
{
    return req->method != HTTP_GET && req->method != HTTP_HEAD && status < 400 && req->route &&
           !req->route->says_itself;
}

void reply_written(struct request *req, int status)
{
    if (written && may_have_written(req, status))
        written(req->app);
}

static void finish(struct request *req, int status, const char *type, const void *data, size_t len)
{
    struct exchange *x = exchange_of(req);
    if (x->stage == EXCHANGE_ENDED) {
        log_error("http", "", "a handler replied twice; the second reply (%d) is dropped", status);
        return;
    }
    reply_account(req, status, len);
    reply_written(req, status);
    if (req->conn != NULL) {
        struct http_listener *home = req->app->listener;
        bool bodyless = status == 204 || status == 304;
        x->keep = x->keep && !home->draining;
        reply_head(req, status, bodyless ? NULL : type, bodyless ? SIZE_MAX : len);
        struct iovec parts[] = {{home->head.data, home->head.len}, {(void *)data, len}};
        bool body = !bodyless && req->method != HTTP_HEAD && len > 0;
        conn_send(req->conn, parts, body ? 2 : 1);
    }
    exchange_end(x);
}

void reply_bytes(struct request *req, int status, const char *content_type, const void *data,
                 size_t len)
{
    finish(req, status, content_type, data, len);
}

void reply_empty(struct request *req, int status)
{
    finish(req, status, NULL, NULL, 0);
}

void reply_json_text(struct request *req, int status, const char *json, size_t len)
{
    finish(req, status, "application/json", json, len);
}

void reply_json(struct request *req, int status, json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    if (text == NULL) {
        log_error("http", req->subject, "the reply is not a JSON document");
        reply_problem(req, ERR_INTERNAL, NULL);
        return;
    }
    finish(req, status, "application/json", text, strlen(text));
    free(text);
}

void reply_row(struct request *req, int status, struct row_json row)
{
    if (row.err != ERR_OK)
        reply_problem_raised(req, row.err, row.detail);
    else if (!row.json)
        reply_problem(req, ERR_NOT_FOUND, NULL);
    else
        reply_json_text(req, status, row.json, row.len);
}

void reply_redirect(struct request *req, int status, const char *location)
{
    reply_header(req, "Location", location);
    finish(req, status, NULL, NULL, 0);
}

void reply_html(struct request *req, int status, const char *html, size_t len)
{
    finish(req, status, "text/html; charset=utf-8", html, len);
}

// --- validators ---------------------------------------------------------------------------------
bool reply_unchanged(struct request *req, const char *etag)
{
    const char *list = request_header(req, "If-None-Match");
    size_t len = strlen(etag);
    while (list != NULL && *list != '\0') {
        list += strspn(list, ", \t");
        if (*list == '*')
            return true;
        const char *tag = strncmp(list, "W/", 2) == 0 ? list + 2 : list;
        if (strncmp(tag, etag, len) == 0 && strchr(", \t", tag[len]) != NULL)
            return true;
        list += strcspn(list, ",");
    }
    return false;
}

void reply_etag(const void *data, size_t len, char out[ETAG_TEXT])
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    crypto_generichash(hash, sizeof hash, data, len, NULL, 0);
    out[0] = '"';
    sodium_bin2hex(out + 1, ETAG_TEXT - 1, hash, 12);
    memcpy(out + 25, "\"", 2);
}

void reply_tagged(struct request *req, const char *content_type, const char *cache,
                  const char *etag, const void *data, size_t len)
{
    reply_header(req, "Cache-Control", cache);
    reply_header(req, "ETag", etag);
    if (reply_unchanged(req, etag))
        reply_empty(req, 304);
    else
        finish(req, 200, content_type, data, len);
}

void reply_cacheable(struct request *req, const char *content_type, const char *cache,
                     const void *data, size_t len)
{
    char etag[ETAG_TEXT];
    reply_etag(data, len, etag);
    reply_tagged(req, content_type, cache, etag, data, len);
}
