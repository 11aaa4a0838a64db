#pragma once
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

// Which statements one connection has prepared, by the address of their const row. A statement is
// prepared again under a new name when it went stale or when its parameters' types became known
// only later (the first call had a NULL).

enum { PREPARED_NAME = 80 };

struct prepared_row {
    const struct db_stmt *stmt;
    bool known;
    int generation;
    int count;
    uint32_t types[DB_PARAMS_MAX];
    char name[PREPARED_NAME];
};

struct prepared {
    int count, cap; // cap is a power of two
    struct prepared_row *rows;
};

void prepared_finish(struct prepared *prepared); // forgets all
// Puts the statement on its way, without a Sync, and before it what prepares it where that is
// needed
// (*preparing): then the server answers twice.
must_check bool prepared_send(struct prepared *prepared, PGconn *pg, const struct db_stmt *stmt,
                              const struct db_params *params, bool *preparing);
// Its parts. The row is valid until the next call; renew takes the parameters' types for a new
// generation, under a new name, which is then taken as known.
struct prepared_row *prepared_find(struct prepared *prepared, const struct db_stmt *stmt);
bool prepared_fits(const struct prepared_row *row, const struct db_params *params);
void prepared_renew(struct prepared_row *row, const struct db_params *params);
// It is not prepared there, or no longer good.
void prepared_forget(struct prepared *prepared, const struct db_stmt *stmt);
