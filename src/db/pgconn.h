#pragma once
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/link.h"
#include "db/unit.h"

// One connection to PostgreSQL in libpq's pipeline mode, that opens itself again for ever. Units
// are sent as they come, several in flight, each with its own Sync but for brief look-ups, which
// share one until pgconn_sync; a unit is handed back when its Sync is answered (one that shares it,
// with its answer), or with its fate when the connection is lost:
//   the server said why it left (FATAL)  what it had not answered yet was surely not done
//   it just went away                    everything in flight is unknown
// Nothing in flight on a writer is ever cancelled or timed out.

struct pgconn;
struct loop;

struct pgconn_owner {
    void (*ready)(void *arg);
    // pg is the connection's, NULL without an answer.
    void (*back)(void *arg, struct db_unit *unit, enum unit_fate fate, PGresult *pg,
                 const char *subject);
    void *arg;
};

struct pgconn *pgconn_create(struct loop *loop, enum link_kind kind, int number,
                             const struct pgconn_owner *owner);
// Hands back what is in flight.
void pgconn_destroy(struct pgconn *conn);

bool pgconn_open(const struct pgconn *conn);
bool pgconn_takes(const struct pgconn *conn); // open, and less in flight than its bound
int pgconn_load(const struct pgconn *conn);
void pgconn_send(struct pgconn *conn,
                 struct db_unit *unit);        // takes the unit; only when pgconn_takes
bool pgconn_shares(const struct pgconn *conn); // brief look-ups wait for their Sync there
// After the last of some pgconn_send: brief look-ups are on their way only now.
void pgconn_sync(struct pgconn *conn);
// When the oldest in flight was sent (monotonic); 0: nothing is.
int64_t pgconn_oldest(const struct pgconn *conn);
// Closes and opens anew.
void pgconn_drop(struct pgconn *conn, const char *why);
