#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

// Which statements one connection has prepared, by the address of their const row. A statement is
// prepared again under a new name when it went stale or when its parameters' types became known
// only later (the first call had a NULL).

struct prepared_row {
    const struct db_stmt *stmt;
    bool known;
    int generation;
    int count;
    uint32_t types[DB_PARAMS_MAX];
};

struct prepared {
    int count, cap; // cap is a power of two
    struct prepared_row *rows;
};

void prepared_finish(struct prepared *prepared); // forgets all
// Valid until the next call.
struct prepared_row *prepared_find(struct prepared *prepared, const struct db_stmt *stmt);
bool prepared_fits(const struct prepared_row *row, const struct db_params *params);
// Takes the parameters' types for a new generation, which is then taken as known.
void prepared_renew(struct prepared_row *row, const struct db_params *params);
enum { PREPARED_NAME = 80 };
void prepared_name(const struct prepared_row *row, char out[PREPARED_NAME]);
