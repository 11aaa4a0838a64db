#pragma once
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "db/db.h"

// A unit of work on its way: made by db_call, waiting in a list of the pool or in flight on a
// connection, gone after its callback.

struct db_unit {
    struct db_unit *next;
    const struct db_stmt *stmt;
    struct db_params params;
    db_done *done;
    void *arg;
    uint64_t turn;          // order of arrival
    int64_t sent, deadline; // monotonic; the deadline holds while it waits
    int tries;              // times it was sent and came back without an answer
    bool preparing;         // the statement goes with it to be prepared
    bool followed;          // the next one shares its Sync
    bool quiet;             // an error is no news
};

struct unit_list {
    struct db_unit *head, *last;
    int count;
};

void unit_push(struct unit_list *list, struct db_unit *unit);
// By turn: one that comes back takes its old place.
void unit_return(struct unit_list *list, struct db_unit *unit);
struct db_unit *unit_pop(struct unit_list *list); // NULL when empty
// Calls back and frees.
void unit_finish(struct db_unit *unit, const struct db_result *result);
void unit_fail(struct db_unit *unit, enum err err);

// How a unit came back from its connection.
enum unit_fate {
    UNIT_ANSWERED, // the Sync that ends its transaction was answered
    UNIT_UNDONE,   // surely without effect: never sent, or the server said so before it left
    UNIT_UNKNOWN,  // the connection was lost while it was out
    UNIT_UNSURE,   // committed here, perhaps not where it should be replicated to
};

// True: `out` is the answer. False: send it again (its tries were counted).
//   DP001 raised by base.problem        its err and detail
//   40001, 40P01 lost a race            again, five times, then ERR_BUSY, locked
//   26000, 0A000 statement gone stale   again (prepared anew)
//   25006 on the writer                 again: the server was demoted
//   55P03                               ERR_BUSY, locked: nothing was done
//   57014, class 53                     ERR_BUSY: nothing was done
//   connection lost                     a look-up again once, then ERR_BUSY; a write
//                                       ERR_OUTCOME_UNKNOWN, never again by itself
//   anything else                       ERR_INTERNAL, logged
must_check bool unit_judge(struct db_unit *unit, enum unit_fate fate, PGresult *pg,
                           const char *subject, struct db_result *out);
