#include <endian.h>
#include <libpq-fe.h>
#include <string.h>

#include "db/db.h"
#include "db/oid.h"

// Columns of binary results. A column read as another type than it has is a mistake of the
// program; the sizes are checked where they differ, so it reads zero and never beyond the value.

bool db_is_null(const struct db_result *r, int row, int col)
{
    return PQgetisnull(r->pg, row, col) != 0;
}

size_t db_len(const struct db_result *r, int row, int col)
{
    return (size_t)PQgetlength(r->pg, row, col);
}

bool db_bool(const struct db_result *r, int row, int col)
{
    return db_len(r, row, col) == 1 && PQgetvalue(r->pg, row, col)[0] != 0;
}

int32_t db_int4(const struct db_result *r, int row, int col)
{
    uint16_t small;
    uint32_t wire;
    if (db_len(r, row, col) == sizeof small) {
        memcpy(&small, PQgetvalue(r->pg, row, col), sizeof small);
        return (int16_t)be16toh(small);
    }
    if (db_len(r, row, col) != sizeof wire)
        return 0;
    memcpy(&wire, PQgetvalue(r->pg, row, col), sizeof wire);
    return (int32_t)be32toh(wire);
}

int64_t db_int8(const struct db_result *r, int row, int col)
{
    uint64_t wire;
    if (db_len(r, row, col) != sizeof wire)
        return db_int4(r, row, col);
    memcpy(&wire, PQgetvalue(r->pg, row, col), sizeof wire);
    return (int64_t)be64toh(wire);
}

int64_t db_time(const struct db_result *r, int row, int col)
{
    return db_is_null(r, row, col) ? 0 : db_int8(r, row, col) + POSTGRES_EPOCH;
}

const char *db_text(const struct db_result *r, int row, int col)
{
    return db_is_null(r, row, col) ? NULL : PQgetvalue(r->pg, row, col);
}

const uint8_t *db_uuid(const struct db_result *r, int row, int col)
{
    return db_len(r, row, col) == 16 ? (const uint8_t *)PQgetvalue(r->pg, row, col) : NULL;
}

const char *db_json(const struct db_result *r, int row, int col, size_t *len)
{
    *len = 0;
    if (db_is_null(r, row, col))
        return NULL;
    bool versioned = PQftype(r->pg, col) == OID_JSONB;
    *len = db_len(r, row, col) - versioned;
    return PQgetvalue(r->pg, row, col) + versioned;
}

struct row_json db_row_json(const struct db_result *r)
{
    struct row_json row = {.err = r->err, .detail = r->detail};
    if (r->err == ERR_OK && r->rows == 1 && !db_is_null(r, 0, 0))
        row.json = db_json(r, 0, 0, &row.len);
    return row;
}
