#include "db/prepared.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

enum { FIRST_CAP = 64 };

void prepared_finish(struct prepared *prepared)
{
    free(prepared->rows);
    *prepared = (struct prepared){0};
}

static struct prepared_row *slot(const struct prepared *prepared, const struct db_stmt *stmt)
{
    uintptr_t hash = (uintptr_t)stmt / 8;
    hash ^= hash >> 7;
    for (;; hash++) {
        struct prepared_row *row = &prepared->rows[hash & (uintptr_t)(prepared->cap - 1)];
        if (!row->stmt || row->stmt == stmt)
            return row;
    }
}

static void grow(struct prepared *prepared)
{
    struct prepared grown = {.cap = prepared->cap ? 2 * prepared->cap : FIRST_CAP};
    grown.count = prepared->count;
    grown.rows = calloc((size_t)grown.cap, sizeof *grown.rows);
    if (!grown.rows)
        die("out of memory");
    for (int i = 0; i < prepared->cap; i++) {
        if (prepared->rows[i].stmt)
            *slot(&grown, prepared->rows[i].stmt) = prepared->rows[i];
    }
    free(prepared->rows);
    *prepared = grown;
}

struct prepared_row *prepared_find(struct prepared *prepared, const struct db_stmt *stmt)
{
    if (2 * prepared->count >= prepared->cap)
        grow(prepared);
    struct prepared_row *row = slot(prepared, stmt);
    if (!row->stmt) {
        row->stmt = stmt;
        prepared->count++;
    }
    return row;
}

bool prepared_fits(const struct prepared_row *row, const struct db_params *params)
{
    if (!row->known || row->count != params->count)
        return false;
    for (int i = 0; i < params->count; i++) {
        if (params->list[i].type && params->list[i].type != row->types[i])
            return false;
    }
    return true;
}

void prepared_renew(struct prepared_row *row, const struct db_params *params)
{
    for (int i = 0; i < params->count; i++) {
        if (params->list[i].type || row->count != params->count)
            row->types[i] = params->list[i].type;
    }
    row->count = params->count;
    row->generation++;
    row->known = true;
    snprintf(row->name, sizeof row->name, "%.63s.%d", row->stmt->name, row->generation);
}

static bool prepare(struct prepared_row *row, PGconn *pg, const struct db_params *params)
{
    prepared_renew(row, params);
    return PQsendPrepare(pg, row->name, row->stmt->sql, row->count, row->types);
}

bool prepared_send(struct prepared *prepared, PGconn *pg, const struct db_stmt *stmt,
                   const struct db_params *params, bool *preparing)
{
    const char *values[DB_PARAMS_MAX];
    int lengths[DB_PARAMS_MAX], formats[DB_PARAMS_MAX];
    struct prepared_row *row = prepared_find(prepared, stmt);
    *preparing = !prepared_fits(row, params);
    if (*preparing && !prepare(row, pg, params))
        return false;
    for (int i = 0; i < params->count; i++) {
        values[i] = params->list[i].len < 0 ? NULL : params->list[i].data;
        lengths[i] = params->list[i].len;
        formats[i] = 1;
    }
    return PQsendQueryPrepared(pg, row->name, params->count, values, lengths, formats, 1);
}

void prepared_forget(struct prepared *prepared, const struct db_stmt *stmt)
{
    prepared_find(prepared, stmt)->known = false;
}
