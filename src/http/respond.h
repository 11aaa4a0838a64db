#pragma once
#include <stddef.h>

#include "base/clock.h"
#include "base/row_json.h"
#include "http/request.h"

// The only ways to end a request. Each is called exactly once for a request, on its loop.

// Extra headers, before the reply. Values without CR, LF.
void reply_header(struct request *req, const char *name, const char *value);
// Takes the reference.
void reply_json(struct request *req, int status, json_t *document);
// JSON text that the database made; copied.
void reply_json_text(struct request *req, int status, const char *json, size_t len);
void reply_bytes(struct request *req, int status, const char *content_type, const void *data,
                 size_t len);
void reply_empty(struct request *req, int status);
void reply_redirect(struct request *req, int status, const char *location);

// application/problem+json (RFC 9457), title by Accept-Language. `detail` may be NULL.
void reply_problem(struct request *req, enum err err, const char *detail_fmt, ...)
    printf_like(3, 4);
void reply_problem_fields(struct request *req, enum err err, const struct json_errors *errors);
// More members (allowed, first …); takes the reference.
void reply_problem_with(struct request *req, enum err err, const char *detail, json_t *members);

// A problem that SQL raised: `detail_json` (may be NULL) is an object whose members (detail,
// detail_vi, errors, allowed, first …) go into the document. ERR_BUSY gets Retry-After.
void reply_problem_raised(struct request *req, enum err err, const char *detail_json);

// What the database gave: its JSON, the problem that it raised, or not-found.
void reply_row(struct request *req, int status, struct row_json row);

// The path's first parameter, which is a UUID; anything else is answered not-found, and false.
must_check bool request_uuid(struct request *req, uint8_t id[UUID_BYTES]);

// Strong ETag of the bytes, with its quotes; and whether the client's If-None-Match has it.
enum { ETAG_TEXT = 27 };
void reply_etag(const void *data, size_t len, char out[ETAG_TEXT]);
must_check bool reply_unchanged(struct request *req, const char *etag);

// HTML with the service's strict Content-Security-Policy.
void reply_html(struct request *req, int status, const char *html, size_t len);
// With this ETag (quotes included), 304 when If-None-Match fits.
void reply_tagged(struct request *req, const char *content_type, const char *cache_control,
                  const char *etag, const void *data, size_t len);
// With ETag from the bytes.
void reply_cacheable(struct request *req, const char *content_type, const char *cache_control,
                     const void *data, size_t len);

// --- respond_parts.c: a reply in parts, for what is too long to be held --------------------------

// reply_begin, reply_part as often as there is something, reply_end, which ends the request.
// Between them the request lives on, also when the client has gone.
enum reply_flow {
    REPLY_GO_ON,
    REPLY_WAIT, // the client has not taken it yet: room(arg) is called when it has, or has gone
    REPLY_GONE, // nobody reads any more, or the program stops: end it
};
void reply_begin(struct request *req, int status, const char *content_type, void (*room)(void *arg),
                 void *arg);
must_check enum reply_flow reply_part(struct request *req, const void *data, size_t len);
// Not `whole`: the connection breaks off, so that no client takes what it has for all.
void reply_end(struct request *req, bool whole);

// Called on the loop before the good reply to a request that may have written something (POST, PUT,
// DELETE) leaves, so that what this process remembers is not older than what it acknowledges. Not
// for routes that say themselves what they changed. In setup; one listener.
struct app_loop;
void http_on_written(void (*written)(struct app_loop *app));
