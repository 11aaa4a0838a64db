#include "cmd/load.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"

const struct load_kind load_communes = {
    "communes",
    "province_code text, province_name text, commune_code text, commune_name text,"
    " latitude float8, longitude float8, area text, delivery_office text",
    "select postal.put_communes((select jsonb_agg(r) from load_row r))"};

const struct load_kind load_units = {
    "units",
    "id bigint, code text, kind text, name text, name_en text, parent text, commune_code text,"
    " postcode text, address text, phone text, lat float8, lon float8, agency_identity text,"
    " agency_level text, opens time, break_from time, break_to time, closes time, s10_office int",
    "select postal.put_units((select jsonb_agg(r) from load_row r))"};

const struct load_kind load_blocks = {
    "blocks", "unit text, indicator text, first int, last int",
    "select postal.put_blocks((select jsonb_agg(r) from load_row r))"};

const struct load_kind load_sorting = {
    "sorting",
    "unit text, commune text, postcode text, next text, bag text, valid_from date, valid_to date",
    "select container.put_sorting((select jsonb_agg(r) from load_row r))"};

const struct load_kind load_accounts = {
    "accounts", "login text, name text, unit text, roles text",
    "select count(account.put(login, name, unit, string_to_array(roles, '|'), $1::text, true))"
    " from load_row"};

const struct load_kind load_procedures = {"procedures", NULL,
                                          "select procedure.put_all($1::jsonb)"};

static bool failed(PGconn *pg, const char *what)
{
    log_error("load", NULL, "%s: %s", what, PQerrorMessage(pg));
    return false;
}

static bool finished(PGconn *pg, PGresult *result, const char *what)
{
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || failed(pg, what);
}

bool load_run(PGconn *pg, const char *sql)
{
    return finished(pg, PQexec(pg, sql), "statement");
}

// The column list of COPY from the file's first line; what stands there is quoted, never trusted.
static bool copy_begin(PGconn *pg, const struct load_kind *kind, const char *data, size_t head)
{
    struct buf sql = {0};
    size_t at = 0;
    buf_text(&sql, "copy load_row (");
    while (at < head) {
        size_t len = strcspn(data + at, ",\r\n");
        char *name = PQescapeIdentifier(pg, data + at, len);
        if (!name)
            break;
        buf_printf(&sql, "%s%s", at ? ", " : "", name);
        PQfreemem(name);
        at += len + 1;
    }
    buf_text(&sql, ") from stdin with (format csv, header match)");
    PGresult *result = PQexec(pg, sql.data);
    bool done = PQresultStatus(result) == PGRES_COPY_IN || failed(pg, kind->name);
    PQclear(result);
    buf_finish(&sql);
    return done;
}

static bool copy_rows(PGconn *pg, const struct load_kind *kind, const char *data, size_t size)
{
    size_t head = strcspn(data, "\r\n");
    if (!copy_begin(pg, kind, data, head))
        return false;
    bool sent = PQputCopyData(pg, data, (int)size) == 1 && PQputCopyEnd(pg, NULL) == 1;
    PGresult *result = PQgetResult(pg);
    bool done = finished(pg, result, kind->name);
    while ((result = PQgetResult(pg)))
        PQclear(result);
    return sent && done;
}

static bool make_rows(PGconn *pg, const struct load_kind *kind, const char *data, size_t size)
{
    struct buf sql = {0};
    buf_printf(&sql,
               "drop table if exists pg_temp.load_row;"
               " create temp table load_row (%s) on commit drop",
               kind->columns);
    bool done = load_run(pg, sql.data) && copy_rows(pg, kind, data, size);
    buf_finish(&sql);
    return done;
}

bool load_data(PGconn *pg, const struct load_kind *kind, const char *data, size_t size,
               const char *argument, int *count)
{
    const char *values[] = {kind->columns ? argument : data};
    if (size > INT_MAX || (kind->columns && !make_rows(pg, kind, data, size)))
        return false;
    PGresult *result = PQexecParams(pg, kind->call, values[0] ? 1 : 0, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        *count = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
    return finished(pg, result, kind->name);
}
