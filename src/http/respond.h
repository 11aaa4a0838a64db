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
// With ETag from the bytes, 304 when If-None-Match fits.
void reply_cacheable(struct request *req, const char *content_type, const char *cache_control,
                     const void *data, size_t len);
