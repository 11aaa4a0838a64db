#pragma once
#include <libpq-fe.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "db/embedded.h"

// The database for a command that runs beside the service or without it: the embedded one that is
// running now, or started for the time being; or the one outside. As the owner, blocking. It must
// be there with its schema: who mistypes the state directory is not shown an empty one.

struct admin {
    struct embedded embedded; // ours, when we started it
    const char *url;
    char found[400];
    PGconn *pg;
};

// Says why on failure; admin_close also after that.
must_check bool admin_open(struct admin *admin);
void admin_close(struct admin *admin);

// One statement with text parameters -> its result, or NULL having said why (a problem that SQL
// raised by its title). PQclear.
must_check PGresult *admin_ask(struct admin *admin, const char *sql, int count,
                               const char *const *values);

// Swallows notices.
void admin_notice(void *arg, const char *text);
