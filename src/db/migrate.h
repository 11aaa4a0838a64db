#pragma once
#include <stdbool.h>

#include "base/compiler.h"

// Applies the embedded migrations/NNNN_name.sql in order, each in its own transaction, under one
// advisory lock, as the owner. A file that was applied and has changed since (SHA-256) is refused.
// Blocking; used at start and by `dossierpost migrate`.

struct migrate_report {
    int applied, present;
};

must_check bool migrate_run(const char *conninfo, struct migrate_report *report);
// Refuses a server with fsync, full_page_writes or synchronous_commit off (unless
// conf.database_allow_unsafe) or older than PostgreSQL 15.
must_check bool migrate_check_server(const char *conninfo);
