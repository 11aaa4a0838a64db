#include "db/migrate.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assets.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "db/link.h"
#include "db/migrate_files.h"

// One for all programs that may ever migrate one database.
#define LOCK_KEY "7310289126452347"

static PGconn *open_database(const char *conninfo)
{
    PGconn *pg = link_open(conninfo, LINK_OWNER);
    if (PQstatus(pg) == CONNECTION_OK)
        return pg;
    log_error("migrate", NULL, "cannot connect: %s", PQerrorMessage(pg));
    PQfinish(pg);
    return NULL;
}

static void tell(const PGresult *result, const char *what)
{
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *where = PQresultErrorField(result, PG_DIAG_CONTEXT);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    log_error("migrate", NULL, "%s: %s%s%s%s%s", what, text ? text : PQresultErrorMessage(result),
              detail ? "; " : "", detail ? detail : "", where ? "; " : "", where ? where : "");
}

static bool run(PGconn *pg, const char *sql, const char *what)
{
    PGresult *result = PQexec(pg, sql);
    ExecStatusType status = PQresultStatus(result);
    bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!done)
        tell(result, what);
    PQclear(result);
    return done;
}

// Roles are the administrator's business where we may not make them; the schema is then the
// login's own. NOLOGIN: on an outside server a password is theirs to give.
static const char prepare_sql[] =
    "do $$ declare wanted text; begin\n"
    "  foreach wanted in array array['dossierpost_owner', 'dossierpost_service'] loop\n"
    "    begin\n"
    "      if to_regrole(wanted) is null then execute format('create role %I', wanted); end if;\n"
    "      if session_user <> 'dossierpost_owner' and not pg_has_role(wanted, 'MEMBER') then\n"
    "        execute format('grant %I to %I', wanted, session_user);\n"
    "      end if;\n"
    "    exception when insufficient_privilege then\n"
    "      raise warning 'role % is missing or not ours to use here', wanted;\n"
    "    end;\n"
    "  end loop;\n"
    "end $$";

// Acts as dossierpost_owner when that is possible, so that one role owns everything.
static const char owner_sql[] =
    "do $$ begin\n"
    "  if session_user = 'dossierpost_owner' or to_regrole('dossierpost_owner') is null\n"
    "     or not pg_has_role('dossierpost_owner', 'MEMBER') then return; end if;\n"
    "  if not has_database_privilege('dossierpost_owner', current_database(), 'CREATE') then\n"
    "    execute format('grant create on database %I to dossierpost_owner', current_database());\n"
    "  end if;\n"
    "  set role dossierpost_owner;\n"
    "exception when insufficient_privilege then\n"
    "  raise warning 'migrating as %, not as dossierpost_owner', session_user;\n"
    "end $$";

static const char table_sql[] = "create schema if not exists migration;\n"
                                "create table if not exists migration.applied (\n"
                                "  name text collate \"C\" primary key,\n"
                                "  sum text not null,\n"
                                "  applied_at timestamptz not null default now(),\n"
                                "  took interval not null default '0');\n"
                                "comment on table migration.applied is 'Files of migrations/ that "
                                "were applied, with SHA-256';\n"
                                "do $$ begin\n"
                                "  if to_regrole('dossierpost_service') is not null then\n"
                                "    grant usage on schema migration to dossierpost_service;\n"
                                "    grant select on migration.applied to dossierpost_service;\n"
                                "  end if;\n"
                                "end $$";

static bool prepare(PGconn *pg)
{
    return run(pg,
               "set search_path = ''; set check_function_bodies = off; set statement_timeout = 0; "
               "set timezone = 'Asia/Ho_Chi_Minh'; set client_min_messages = warning",
               "settings") &&
           run(pg, "select pg_advisory_lock(" LOCK_KEY ")", "lock") &&
           run(pg, prepare_sql, "roles") && run(pg, owner_sql, "owner") &&
           run(pg, table_sql, "table migration.applied");
}

static bool have_table(PGconn *pg)
{
    PGresult *result = PQexec(pg, "select where to_regclass('migration.applied') is not null");
    bool have = PQntuples(result) == 1;
    PQclear(result);
    return have;
}

// How many files are applied; -1 when what is there does not fit, or cannot be read.
static int count_applied(PGconn *pg, const struct migrate_files *files)
{
    char why[MIGRATE_WHY];
    PGresult *result =
        PQexec(pg, have_table(pg) ? "select name, sum from migration.applied order by name"
                                  : "select where false");
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        tell(result, "migration.applied");
        PQclear(result);
        return -1;
    }
    int rows = PQntuples(result), count = -1;
    struct migrate_applied *applied = calloc((size_t)rows + 1, sizeof *applied);
    for (int i = 0; applied && i < rows; i++)
        applied[i] = (struct migrate_applied){PQgetvalue(result, i, 0), PQgetvalue(result, i, 1)};
    if (applied) {
        count = migrate_files_compare(files, applied, rows, why);
        if (count < 0)
            log_error("migrate", NULL, "%s", why);
    }
    free(applied);
    PQclear(result);
    return count;
}

static int line_of(const char *sql, const char *position)
{
    int line = 1;
    long at = position ? strtol(position, NULL, 10) : 0;
    for (; at > 1 && *sql; sql++) {
        // Positions count characters, not bytes.
        if ((*sql & 0xc0) != 0x80)
            at--;
        line += *sql == '\n';
    }
    return line;
}

static bool run_file(PGconn *pg, const struct migrate_file *file)
{
    char what[300];
    PGresult *result = PQexec(pg, file->sql);
    ExecStatusType status = PQresultStatus(result);
    bool done =
        status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
    if (!done) {
        const char *at = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
        snprintf(what, sizeof what, "%s, line %d", file->name, line_of(file->sql, at));
        tell(result, what);
    } else if (PQtransactionStatus(pg) != PQTRANS_INTRANS) {
        log_error("migrate", NULL, "%s ends its transaction itself: leave that out", file->name);
        done = false;
    }
    PQclear(result);
    return done;
}

static bool record_file(PGconn *pg, const struct migrate_file *file, int64_t took)
{
    char micros[24];
    snprintf(micros, sizeof micros, "%lld", (long long)took);
    const char *values[] = {file->name, file->sum, micros};
    PGresult *result = PQexecParams(pg,
                                    "insert into migration.applied (name, sum, took) values "
                                    "($1, $2, $3::bigint * interval '1 microsecond')",
                                    3, NULL, values, NULL, NULL, 0);
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!done)
        tell(result, file->name);
    PQclear(result);
    return done;
}

static bool apply(PGconn *pg, const struct migrate_file *file)
{
    int64_t began = clock_monotonic();
    bool done = run(pg, "begin", file->name) && run_file(pg, file) &&
                record_file(pg, file, clock_monotonic() - began) && run(pg, "commit", file->name);
    if (done)
        log_info("migrate", NULL, "%s applied in %lld ms", file->name,
                 (long long)(clock_monotonic() - began) / 1000);
    return done;
}

static bool apply_all(PGconn *pg, const struct migrate_files *files, struct migrate_report *report)
{
    if (!prepare(pg))
        return false;
    int applied = count_applied(pg, files);
    if (applied < 0)
        return false;
    for (int i = applied; i < files->count; i++) {
        if (!apply(pg, &files->list[i]))
            return false;
        report->applied++;
    }
    report->present = files->count;
    return true;
}

bool migrate_run_files(const char *conninfo, const struct asset *list,
                       struct migrate_report *report)
{
    *report = (struct migrate_report){0};
    struct migrate_files *files = migrate_files_find(list);
    PGconn *pg = files ? open_database(conninfo) : NULL;
    bool done = pg && apply_all(pg, files, report);
    PQfinish(pg); // and with it the lock
    free(files);
    return done;
}

bool migrate_run(const char *conninfo, struct migrate_report *report)
{
    return migrate_run_files(conninfo, assets, report);
}

bool migrate_check(const char *conninfo, struct migrate_report *report)
{
    *report = (struct migrate_report){0};
    struct migrate_files *files = migrate_files_find(assets);
    PGconn *pg = files ? open_database(conninfo) : NULL;
    int applied = pg ? count_applied(pg, files) : -1;
    report->present = applied > 0 ? applied : 0;
    if (applied >= 0 && applied < files->count)
        log_error("migrate", NULL, "%d of %d migrations are missing, the first is %s",
                  files->count - applied, files->count, files->list[applied].name);
    bool done = applied >= 0 && applied == files->count;
    PQfinish(pg);
    free(files);
    return done;
}

static const char server_sql[] =
    "select current_setting('server_version_num')::int >= 150000, "
    "current_setting('server_version'),"
    " (select string_agg(name, ', ') from pg_settings where setting = 'off' and name in"
    " ('fsync', 'full_page_writes', 'synchronous_commit'))";

static bool server_good(const PGresult *row)
{
    if (strcmp(PQgetvalue(row, 0, 0), "t") != 0) {
        log_error("migrate", NULL, "the server is PostgreSQL %s; 15 or later is needed",
                  PQgetvalue(row, 0, 1));
        return false;
    }
    if (PQgetisnull(row, 0, 2))
        return true;
    if (conf.database_allow_unsafe) {
        log_warn("migrate", NULL, "the server may lose what was acknowledged: off are %s",
                 PQgetvalue(row, 0, 2));
        return true;
    }
    log_error("migrate", NULL,
              "the server may lose what was acknowledged: off are %s. Turn them on, or set "
              "database.allow_unsafe",
              PQgetvalue(row, 0, 2));
    return false;
}

bool migrate_check_server(const char *conninfo)
{
    PGconn *pg = open_database(conninfo);
    if (!pg)
        return false;
    PGresult *result = PQexec(pg, server_sql);
    bool done = PQresultStatus(result) == PGRES_TUPLES_OK && server_good(result);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        tell(result, "server settings");
    PQclear(result);
    PQfinish(pg);
    return done;
}
