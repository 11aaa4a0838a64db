#pragma once
#include "http/request.h"

// A capability's HTTP face is one const table of routes, ended by a row without a path.
// Path segments are literal, {name} or {name} with something behind it ({id}.pdf); at most four
// {…}. The most literal row wins.

enum {
    ROUTE_PUBLIC = 0,            // roles == 0: anybody
    ROUTE_ANY_ROLE = 0x7fffffff, // any logged-in account
};

struct route {
    enum http_method method;
    const char *path;
    uint32_t roles;
    void (*handle)(struct request *req);
    const struct json_field *body;  // NULL: takes no body
    const struct json_field *query; // NULL: takes no query parameters
    size_t body_max;                // bytes; 0: 64 KiB
    const char *text_vi, *text_en;  // one sentence, for /openapi.json and /docs
    bool raw_body;                  // body in req->raw, not JSON
    bool says_itself;               // not told to http_on_written
    bool form_body; // application/x-www-form-urlencoded, checked by `body` as JSON is
};

// Adds a table; before the server starts. The table must stay.
void route_add(const struct route *table);
// Finds the row and fills req->route, req->params. Sets *allow to the methods of the path (text for
// the Allow header) when only the method was wrong.
must_check enum err route_find(struct request *req, const char **allow);
// Every row, for /openapi.json and the tests.
const struct route *route_at(int index); // NULL behind the last
json_t *route_openapi(const char *server_url);

// The service's own rows, for route_add: /healthz and /metrics; /problems and the style of plain
// pages; /openapi.json and /docs. (/assets/…: http/assets.h.)
extern const struct route ops_routes[], page_routes[], openapi_routes[];
