#pragma once
#include <stdbool.h>

#include "base/compiler.h"

// The private PostgreSQL cluster used when database.url is empty: made on first use under
// <state_dir>/postgres, Unix socket only, run by an unprivileged user (conf.embedded_user when we
// are root, ourselves otherwise), fsync and synchronous_commit on, memory settings scaled to the
// machine. Survives kill -9 of the service (a postmaster left running is taken over) and of
// PostgreSQL (it is started again). One service a state directory (lock file). Two roles: the owner
// dossierpost_owner and the service's dossierpost_service.

struct embedded {
    char state[256];
    char service_url[320], owner_url[320]; // conninfo strings
    int postmaster;                        // pid, when we started it
};

must_check bool embedded_start(struct embedded *embedded, const char *state_dir);
// Fast shutdown of the postmaster, waits for it. NULL-safe, idempotent.
void embedded_stop(struct embedded *embedded);
// Starts it again when it has died; called each second from a loop, never blocks longer than a
// fork.
void embedded_watch(struct embedded *embedded);
