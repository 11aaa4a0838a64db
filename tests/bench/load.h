#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

// Load over HTTP from one thread with epoll and raw sockets, so that it takes as little of the
// machine as it can. Every reply is checked. A program is load_main.c, load_conn.c, load_report.c
// and what is asked for: load_work.c (POST /v1/custody/scans, status 200 and an outcome for each
// scan that was sent) or load_get.c (pages).

struct load_options {
    const char *host, *sessions, *ids;
    int port, connections, seconds, warmup;
    int scans;  // a request; 1 where it is no scan
    int rate;   // scans a second, sent when they are due whatever the replies do; 0: closed loop
    int hot;    // percent of the requests that go to a hundredth of the shipments
    int idle;   // seconds between opening streams and the first scan
    int near;   // bytes of each body that are searched for its text
    int rounds; // times each block is scanned, then end; 0: until the time is over
};
extern struct load_options opt;

// --- what is asked for --------------------------------------------------------------------------
// In load_work.c: shipments come on standard input in the order of their use, "number events clerk
// hub" a line: how many events each has, so where it stands in its journey (see seed.sql), and who
// scans it. `scans` of them in a row are a block that goes in one request; a block belongs to one
// connection, which has one request under way, so every scan is legal. The hot blocks belong to all
// connections: what one of them is sent may be overtaken by what another sends, and may be answered
// as an exception.

struct block {
    int first; // of its shipments; or the line
    bool hot;
};

void work_read(void);
// The next block of a connection; false when there is none left to be done.
must_check bool work_next(int connection, int *turn, struct block *block);
// The whole request for the block's next step.
void work_compose(const struct block *block, struct buf *out);
// Whether the reply is what it should be: its head, then its body, NUL behind.
must_check bool work_check(const struct block *block, const char *reply, size_t head, size_t body);
void work_finish(void);
const char *work_number(const struct block *block); // of its first shipment; load_work.c alone

// --- load_conn.c: connections, and the two kinds of loop ----------------------------------------
void conn_run(void);

// --- load_report.c: what was seen ---------------------------------------------------------------
// A reply to a request that should have been sent at `intended`; both from clock_monotonic.
void report_reply(int64_t intended, const char *reply, bool good, size_t bytes);
void report_scans(int good, int odd); // how many were recorded, and as exceptions
void report_begin(int64_t measured_from, int64_t until);
void report_late(void);
must_check bool report_print(void); // one JSON object; false when anything failed
