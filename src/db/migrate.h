#pragma once
#include <stdbool.h>

#include "base/compiler.h"

// Applies the embedded migrations/NNNN_name.sql in order of name (NNNN may be followed by a
// letter), each in its own transaction, under one advisory lock, as the owner. Before the first it
// makes the table migration.applied and, where missing and allowed, the roles dossierpost_owner and
// dossierpost_service; when the login may act as dossierpost_owner it does, so that one role owns
// everything. Refused: a file that has changed since it was applied (SHA-256), one that was applied
// and is no longer there, one that sorts before an applied one, one that ends its transaction.
// Files run with an empty search_path (write schema.name) and check_function_bodies off.
// Blocking; used at start and by `dossierpost migrate`.

struct migrate_report {
    int applied, present; // applied now; there in all
};

must_check bool migrate_run(const char *conninfo, struct migrate_report *report);
// What would be done: true when the database has exactly the program's migrations. Says what
// differs.
must_check bool migrate_check(const char *conninfo, struct migrate_report *report);
// Refuses a server with fsync, full_page_writes or synchronous_commit off (unless
// conf.database_allow_unsafe) or older than PostgreSQL 15.
must_check bool migrate_check_server(const char *conninfo);

// For tests: other files than the embedded ones, ended by a row without a name.
struct asset;
must_check bool migrate_run_files(const char *conninfo, const struct asset *files,
                                  struct migrate_report *report);

// The statement by which a running service sees whether the schema is the program's, for
// db/pgconn.c: one row with a checksum over the names and checksums applied, to be compared with
// migrate_digest() (static text, 64 hexadecimal digits).
extern const char migrate_digest_sql[];
const char *migrate_digest(void);
