#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "db/child.h"

// The private PostgreSQL cluster used when database.url is empty: made on first use under
// <state_dir>/postgres, Unix socket only, run by an unprivileged user (conf.embedded_user when we
// are root, ourselves otherwise), fsync and synchronous_commit on, memory settings scaled to the
// machine. Survives kill -9 of the service (a postmaster left running is taken over) and of
// PostgreSQL (it is started again). One service a state directory (lock file). Two roles: the owner
// dossierpost_owner and the service's dossierpost_service.
//
// In <state_dir>: postgres/ the cluster, run/ its socket (moved to /run or /tmp where the path is
// too long for one), postgres.conf and postgres.hba written at each start, postgres.local.conf
// read after them when somebody made it, postgres.log and postgres.log.1, lock.

struct embedded {
    char state[256];                       // absolute
    char service_url[320], owner_url[320]; // conninfo strings
    int postmaster;                        // pid of ours, or of one taken over; 0: none

    char data[280], sockets[112], bin[256];
    struct child_user user;
    int lock, log;   // descriptors, 0: none
    bool child;      // we forked it
    int failures;    // starts in a row that did not last
    int64_t born_at; // monotonic microseconds
    int64_t again_at;
};

// Whether a cluster was made in `state_dir` before; says so when not, and changes nothing.
must_check bool embedded_there(const char *state_dir);
must_check bool embedded_start(struct embedded *embedded, const char *state_dir);
// Root becomes the database's user for good, once nothing is left to do that only root may:
// stopping and starting the database works as before, keys and the state directory stay root's.
// Nothing happens to who is not root, or has no embedded database. False, having said why.
must_check bool embedded_become_user(struct embedded *embedded);
// Fast shutdown of the postmaster, waits for it. NULL-safe, idempotent.
void embedded_stop(struct embedded *embedded);
// Starts it again when it has died; called each second from a loop, never blocks longer than a
// fork.
void embedded_watch(struct embedded *embedded);
