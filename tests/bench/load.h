#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

// Load for POST /v1/custody/scans, from one thread with epoll and raw sockets, so that it takes as
// little of the machine as it can. Every reply is checked: status 200, and an outcome for each scan
// that was sent.

struct load_options {
    const char *host, *sessions, *ids;
    int port, connections, seconds, warmup;
    int scans;  // a request
    int rate;   // scans a second, sent when they are due whatever the replies do; 0: closed loop
    int hot;    // percent of the requests that go to a hundredth of the shipments
    int rounds; // times each block is scanned, then end; 0: until the time is over
};
extern struct load_options opt;

// --- load_work.c: what is scanned ---------------------------------------------------------------
// Shipments come on standard input in the order of their use, "number events clerk hub" a line: how
// many events each has, so where it stands in its journey (see seed.sql), and who scans it. `scans`
// of them in a row are a block that goes in one request; a block belongs to one connection, which
// has one request under way, so every scan is legal. The hot blocks belong to all connections: what
// one of them is sent may be overtaken by what another sends, and may be answered as an exception.

struct block {
    int first; // of its shipments
    bool hot;
};

void work_read(void); // shipments, sessions
// The next block of a connection; false when there is none left to be done.
must_check bool work_next(int connection, int *turn, struct block *block);
// The whole request for the block's next step.
void work_compose(const struct block *block, struct buf *out);
void work_finish(void);

// --- load_conn.c: connections, and the two kinds of loop ----------------------------------------
void conn_run(void);

// --- load_report.c: what was seen ---------------------------------------------------------------
// A reply to a request that should have been sent at `intended`; both from clock_monotonic.
void report_reply(int64_t intended, const char *status, const char *body, bool hot);
void report_begin(int64_t measured_from, int64_t until);
void report_late(void);
must_check bool report_print(void); // one JSON object; false when anything failed
