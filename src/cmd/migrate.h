#pragma once
#include <stdbool.h>

#include "base/compiler.h"

// dossierpost migrate [--check]: brings the database to this program's schema, or says whether it
// is there. Starts the embedded database for the time being when there is no database.url.
// Exit status 0 ok, 1 failed, 2 usage.
int cmd_migrate(int argc, char **argv);
extern const char cmd_migrate_usage[];

struct embedded;
// What `serve`, `migrate` and others do first: conf.database_url and conf.database_owner_url point
// to a database that answers and is safe; the embedded one is started when there is no outside one.
// conf.state_dir becomes the directory really used. False, having said why, when that cannot be.
// End with embedded_stop (also after false).
must_check bool database_open(struct embedded *embedded);
// database_open and every migration.
must_check bool database_open_migrated(struct embedded *embedded);
