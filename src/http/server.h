#pragma once
#include <stdbool.h>

#include "base/compiler.h"
#include "base/loop.h"

// A strict HTTP/1.1 front (RFC 9112) straight on libevent's loop. Each loop has its own
// SO_REUSEPORT listener; a request costs one recv and one send. What it refuses: two Hosts or none,
// two or odd Content-Lengths, Content-Length together with Transfer-Encoding, any coding but
// chunked, bad chunk sizes, bare CR or LF, NUL, obs-fold, space before the colon, over-long lines
// or headers (8 KiB / 16 KiB / 100 fields), requests that do not arrive whole within
// conf.request_timeout. At conf.connections the connection idle longest makes room, else the one
// whose request has been coming longest (over two seconds); when there is none a new one gets 503.

struct db;
struct listener;
struct work_crew;

// What every handler reaches through req->app.
struct app_loop {
    struct loop loop;
    struct db *db;
    struct work_crew *crew;
    struct http_listener *listener;
    struct listener *notices; // db/listen.h, one for the process
    void *cap[12];            // what a capability keeps for each loop, at its slot
};

must_check bool http_listen(struct app_loop *app); // conf.listen; says why on failure
// Stops accepting, closes idle connections, calls drained(arg) on the loop when the last reply
// left.
void http_drain(struct app_loop *app, loop_task *drained, void *arg);
void http_close(struct app_loop *app);
int http_port(const struct app_loop *app); // the port really bound (listen port 0)
// "http://127.0.0.1:8080": conf.listen with that port. Constant once the first loop listens.
const char *http_address(void);
