#pragma once
#include <stdbool.h>

#include "base/compiler.h"

// dossierpost migrate [--check]: brings the database to this program's schema, or says whether it
// is there. Without database.url the embedded database is started for the time being, and made
// unless it is only checked. Exit status 0 ok, 1 failed, 2 usage.
int cmd_migrate(int argc, char **argv);
extern const char cmd_migrate_usage[];

struct embedded;
// What `serve` and `migrate` do first: conf.database_url and conf.database_owner_url point to a
// database that answers, is safe and has every migration; without database.url the embedded one is
// made if need be and started. conf.state_dir becomes the directory really used. False, having said
// why, when that cannot be. End with embedded_stop (also after false).
must_check bool database_open_migrated(struct embedded *embedded);
// The same for a command that looks at what is there: makes no database and changes no schema.
must_check bool database_open_there(struct embedded *embedded);
