#include "cmd/load.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_form.h"
#include "base/log.h"

#define ROWS \
    "(select jsonb_agg(to_jsonb(r) order by line) from load_row r where line between $1 and $2)"
#define PROCEDURES(entry) \
    "select procedure.put_list((select jsonb_agg(" entry \
    " order by line) from load_row r where line between $1 and $2), nullif($3, '')::date)"
#define PATTERNS(entry) \
    "select r.line, '/form/properties/' || p.key || '/pattern', p.value ->> 'pattern' from " \
    "load_row" \
    " r cross join lateral jsonb_each(case when jsonb_typeof(" entry " #> '{form,properties}')" \
    " = 'object' then " entry " #> '{form,properties}' else '{}' end) p" \
    " where p.value ? 'pattern' order by 1, 2"
#define STATE_OF_PROCEDURES \
    "select code, entry from procedure.entries() union all select p.code, p.body ||" \
    " jsonb_build_object('valid_from', p.valid_from, 'valid_to', p.valid_to)" \
    " from (select distinct on (code) * from procedure.procedure order by code, version desc) p" \
    " where p.valid_to <= base.vn_date(now())"

enum { STEP = 500 };

const struct load_kind load_communes = {
    .name = "communes",
    .columns = "province_code text, province_name text, commune_code text, commune_name text,"
               " latitude float8, longitude float8, area text, delivery_office text,"
               " valid_from date, valid_to date",
    .key = "commune_code",
    .wrong = "postal.wrong_commune(to_jsonb(r))",
    .call = "select postal.put_communes(" ROWS ")",
    .state = "select code, to_jsonb(c) - 'search' from postal.commune c"
             " union all select 'province ' || code, to_jsonb(p) from postal.province p",
    .end = "postal.end_communes",
    .code = "commune_code",
    .step = STEP};

const struct load_kind load_units = {
    .name = "units",
    .columns =
        "id bigint, code text, kind text, name text, name_en text, parent text, commune_code text,"
        " postcode text, address text, phone text, lat float8, lon float8, agency_identity text,"
        " agency_level text, opens time, break_from time, break_to time, closes time,"
        " s10_office int, valid_from date, valid_to date",
    .key = "code",
    .wrong = "postal.wrong_unit(to_jsonb(r))",
    .call = "select postal.put_units(" ROWS ")",
    .state = "select code, to_jsonb(u) - 'search' from postal.unit u"};

const struct load_kind load_blocks = {.name = "blocks",
                                      .columns = "unit text, indicator text, first int, last int",
                                      .call = "select postal.put_blocks(" ROWS ")"};

const struct load_kind load_sorting = {
    .name = "sorting",
    .columns = "unit text, commune text, postcode text, next text, bag text, valid_from date,"
               " valid_to date",
    .call = "select container.put_sorting(" ROWS ")"};

const struct load_kind load_accounts = {
    .name = "accounts",
    .columns = "login text, name text, unit text, roles text",
    .call = "select count(account.put(login, name, unit, string_to_array(roles, '|'), $3::text,"
            " true)) from load_row where line between $1 and $2"};

const struct load_kind load_procedures = {.name = "procedures",
                                          .list = "procedures",
                                          .wrong = "procedure.wrong_entry(r.entry)",
                                          .patterns = PATTERNS("r.entry"),
                                          .call = PROCEDURES("entry"),
                                          .state = STATE_OF_PROCEDURES,
                                          .end = "procedure.end_others",
                                          .code = "entry ->> 'code'",
                                          .step = STEP};

const struct load_kind load_procedures_csv = {
    .name = "procedures",
    .columns = "code text, name text, name_en text, agency_level text, units text, level text,"
               " mode text, mode_reason text, post text, post_refusal text, addressee_only text,"
               " old_papers_recovered text, time_value text, time_unit text,"
               " clock_after_supplement text, payment_step text, fees text, documents text,"
               " result text, form text, valid_from text, valid_to text, more text",
    .key = "code",
    .wrong = "procedure.wrong_entry(procedure.from_cells(to_jsonb(r)))",
    .patterns = PATTERNS("procedure.from_cells(to_jsonb(r))"),
    .call = PROCEDURES("procedure.from_cells(to_jsonb(r))"),
    .state = STATE_OF_PROCEDURES,
    .end = "procedure.end_others",
    .code = "code",
    .step = STEP};

static bool failed(PGconn *pg, const char *what)
{
    log_error("load", NULL, "%s: %s", what, PQerrorMessage(pg));
    return false;
}

// A problem that SQL raised says it in the first of its errors, or in its detail.
static void tell_problem(const char *slug, const char *members)
{
    json_t *detail = json_loads(members ? members : "{}", 0, NULL);
    const json_t *first = json_array_get(json_object_get(detail, "errors"), 0);
    const char *text = json_text(first ? first : detail, "detail");
    fprintf(stderr, "dossierpost: %s%s%s\n", slug, text ? ": " : "", text ? text : "");
    json_decref(detail);
}

static bool finished(PGconn *pg, PGresult *result, const char *what)
{
    ExecStatusType status = PQresultStatus(result);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!good && state && strcmp(state, "DP001") == 0)
        tell_problem(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
                     PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
    else if (!good)
        failed(pg, what);
    PQclear(result);
    return good;
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

// load_row: a line for each row. The first line of a CSV file is its head.
static bool make_csv(PGconn *pg, const struct load_kind *kind, const char *data, size_t size)
{
    struct buf sql = {0};
    buf_printf(&sql,
               "create temp table load_row (line int generated always as identity (start 2), %s)"
               " on commit drop",
               kind->columns);
    bool done = load_run(pg, sql.data) && copy_rows(pg, kind, data, size);
    buf_finish(&sql);
    return done;
}

static bool make_json(PGconn *pg, const struct load_kind *kind, const char *data)
{
    const char *values[] = {data, kind->list};
    if (!load_run(pg, "create temp table load_row (line int, entry jsonb) on commit drop"))
        return false;
    PGresult *result =
        PQexecParams(pg,
                     "insert into load_row select n, one from jsonb_array_elements("
                     "jsonb_extract_path($1::jsonb, $2::text)) with ordinality as list(one, n)",
                     2, NULL, values, NULL, NULL, 0);
    return finished(pg, result, kind->name);
}

static bool make_rows(PGconn *pg, const struct load_kind *kind, const char *data, size_t size)
{
    return load_run(pg, "drop table if exists pg_temp.load_row") &&
           (kind->columns ? make_csv(pg, kind, data, size) : make_json(pg, kind, data));
}

// --- what is wrong with a row --------------------------------------------------------------------

static bool rows_good(PGconn *pg, const struct load_kind *kind)
{
    struct buf sql = {0};
    if (!kind->wrong)
        return true;
    buf_printf(&sql,
               "select r.line, w.field, w.detail from load_row r cross join lateral %s w"
               " union all select r.line, '%s', 'stands in the list before' from (select line,"
               " count(*) over (partition by %s order by line) as n from load_row r) r where n > 1"
               " order by 1, 2 limit 20",
               kind->wrong, kind->list ? "/code" : kind->key,
               kind->list ? "entry ->> 'code'" : kind->key);
    PGresult *result = PQexec(pg, sql.data);
    int count = PQresultStatus(result) == PGRES_TUPLES_OK ? PQntuples(result) : 0;
    for (int i = 0; i < count; i++)
        fprintf(stderr, "dossierpost: %s %s: %s %s\n", kind->columns ? "line" : "entry",
                PQgetvalue(result, i, 0), PQgetvalue(result, i, 1), PQgetvalue(result, i, 2));
    buf_finish(&sql);
    return finished(pg, result, kind->name) && count == 0;
}

// Regular expressions are read by what will try them.
static bool patterns_good(PGconn *pg, const struct load_kind *kind)
{
    struct arena arena;
    bool good = true;
    if (!kind->patterns)
        return true;
    arena_init(&arena);
    PGresult *result = PQexec(pg, kind->patterns);
    int count = PQresultStatus(result) == PGRES_TUPLES_OK ? PQntuples(result) : 0;
    for (int i = 0; i < count; i++) {
        const char *why = json_form_pattern_wrong(&arena, PQgetvalue(result, i, 2));
        if (why)
            fprintf(stderr, "dossierpost: %s %s %s: %s\n", kind->columns ? "line" : "entry",
                    PQgetvalue(result, i, 0), PQgetvalue(result, i, 1), why);
        good = good && !why;
    }
    arena_finish(&arena);
    return finished(pg, result, kind->name) && good;
}

// --- loading -------------------------------------------------------------------------------------

static bool ask_int(PGconn *pg, const char *sql, int *answer)
{
    PGresult *result = PQexec(pg, sql);
    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        *answer = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
    return finished(pg, result, "count");
}

static bool call(PGconn *pg, const struct load_kind *kind, int from, int to, const char *argument,
                 int *count)
{
    char first[16], last[16];
    const char *values[] = {first, last, argument};
    snprintf(first, sizeof first, "%d", from);
    snprintf(last, sizeof last, "%d", to);
    int given = strstr(kind->call, "$3") ? 3 : 2;
    PGresult *result = PQexecParams(pg, kind->call, given, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        *count += (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
    return finished(pg, result, kind->name);
}

static bool put_rows(PGconn *pg, const struct load_kind *kind, const char *argument, bool loud,
                     int *count)
{
    int last = 0;
    *count = 0;
    if (!ask_int(pg, "select coalesce(max(line), 0) from load_row", &last))
        return false;
    int step = kind->step ? kind->step : last;
    for (int from = 1; from <= last; from += step) {
        int to = from + step - 1;
        if (!call(pg, kind, from, to, argument, count))
            return false;
        if (loud && to < last)
            fprintf(stderr, "dossierpost: %d of %d %s\n", to, last, kind->name);
    }
    return true;
}

bool load_data(PGconn *pg, const struct load_kind *kind, const char *data, size_t size,
               const char *argument, int *count)
{
    return size <= INT_MAX && make_rows(pg, kind, data, size) && rows_good(pg, kind) &&
           patterns_good(pg, kind) && put_rows(pg, kind, argument, false, count);
}

// --- before and after ----------------------------------------------------------------------------

static bool state_keep(PGconn *pg, const struct load_kind *kind)
{
    struct buf sql = {0};
    buf_printf(&sql,
               "drop table if exists pg_temp.load_was; create temp table load_was on commit drop as"
               " select coalesce(jsonb_agg(jsonb_build_array(s.key, s.row)), '[]') as list"
               " from (%s) s(key, row)",
               kind->state);
    bool done = load_run(pg, sql.data);
    buf_finish(&sql);
    return done;
}

static bool state_compare(PGconn *pg, const struct load_kind *kind, struct load_told *told)
{
    struct buf sql = {0};
    buf_printf(&sql,
               "select c.* from load_was w cross join lateral base.changes(w.list, (select"
               " jsonb_agg(jsonb_build_array(s.key, s.row)) from (%s) s(key, row))) c",
               kind->state);
    told->changes = PQexec(pg, sql.data);
    buf_finish(&sql);
    if (PQresultStatus(told->changes) != PGRES_TUPLES_OK)
        return failed(pg, kind->name);
    for (int i = 0; i < PQntuples(told->changes); i++) {
        const char *what = PQgetvalue(told->changes, i, 1);
        *(strcmp(what, "new") == 0     ? &told->fresh
          : strcmp(what, "ended") == 0 ? &told->ended
                                       : &told->changed) += 1;
    }
    return true;
}

// What the list does not name.
static bool end_others(PGconn *pg, const struct load_kind *kind, const char *from)
{
    struct buf sql = {0};
    const char *values[] = {from};
    buf_printf(&sql, "select %s(array(select %s from load_row), nullif($1, '')::date)", kind->end,
               kind->code);
    PGresult *result = PQexecParams(pg, sql.data, 1, NULL, values, NULL, NULL, 0);
    buf_finish(&sql);
    return finished(pg, result, kind->name);
}

// A file of another shape has none, and would end all that there is.
static bool some(const struct load_kind *kind, int64_t rows)
{
    if (rows == 0)
        fprintf(stderr, "dossierpost: there are no %s in the file\n", kind->name);
    return rows > 0;
}

bool load_compare(PGconn *pg, const struct load_kind *kind, const char *data, size_t size,
                  const char *argument, bool whole, struct load_told *told)
{
    *told = (struct load_told){0};
    return size <= INT_MAX && make_rows(pg, kind, data, size) && rows_good(pg, kind) &&
           patterns_good(pg, kind) && ask_int(pg, "select count(*) from load_row", &told->rows) &&
           some(kind, told->rows) && (!kind->state || state_keep(pg, kind)) &&
           put_rows(pg, kind, argument, true, &told->changed) &&
           (!whole || end_others(pg, kind, argument)) &&
           (!kind->state || ((told->changed = 0), state_compare(pg, kind, told)));
}
