#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "db/embedded_parts.h"

enum { OLDEST = 15 };

static bool program_in(const char *dir, const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, X_OK) == 0;
}

static bool programs_in(const char *dir)
{
    return program_in(dir, "postgres") && program_in(dir, "initdb");
}

// The major version that made the cluster; 0: there is none yet.
static int cluster_version(const struct embedded *e)
{
    char path[300], text[16] = "";
    snprintf(path, sizeof path, "%s/PG_VERSION", e->data);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    size_t got = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    return got ? (int)strtol(text, NULL, 10) : 0;
}

bool embedded_there(const char *state_dir)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/postgres/PG_VERSION", state_dir);
    if (access(path, F_OK) == 0)
        return true;
    log_error("embedded", NULL,
              "there is no database in the state directory %s (%s): name the right one with "
              "--state-dir, or make one with: dossierpost migrate",
              state_dir, strerror(errno));
    return false;
}

// Keeps the newest of /usr/lib/postgresql/*/bin, or the one of version `wanted`.
static int debian_programs(struct embedded *e, int wanted)
{
    int best = 0;
    DIR *dir = opendir("/usr/lib/postgresql");
    for (struct dirent *row = dir ? readdir(dir) : NULL; row; row = readdir(dir)) {
        char path[sizeof e->bin];
        int version = (int)strtol(row->d_name, NULL, 10);
        if (snprintf(path, sizeof path, "/usr/lib/postgresql/%s/bin", row->d_name) >=
            (int)sizeof path)
            continue;
        if (version < OLDEST || version <= best || (wanted && version != wanted) ||
            !programs_in(path))
            continue;
        best = version;
        snprintf(e->bin, sizeof e->bin, "%s", path);
    }
    if (dir)
        closedir(dir);
    return best;
}

static int program_version(const char *dir)
{
    char command[300], text[64] = "";
    int out[2], version = 0;
    struct child_user self = {0};
    snprintf(command, sizeof command, "%s/postgres", dir);
    char *argv[] = {command, (char *)"--version", NULL};
    if (pipe2(out, 0) != 0)
        return 0;
    if (child_run(&self, argv, out[1]) && read(out[0], text, sizeof text - 1) > 0) {
        const char *digits = strpbrk(text, "0123456789");
        version = digits ? (int)strtol(digits, NULL, 10) : 0;
    }
    close(out[0]);
    close(out[1]);
    return version;
}

static int path_programs(struct embedded *e, int wanted)
{
    char *path = strdup(getenv("PATH") ? getenv("PATH") : ""), *rest = NULL;
    int found = 0;
    for (char *dir = strtok_r(path, ":", &rest); dir && !found; dir = strtok_r(NULL, ":", &rest)) {
        if (dir[0] != '/' || strlen(dir) >= sizeof e->bin || !programs_in(dir))
            continue;
        int version = program_version(dir);
        if (version < OLDEST || (wanted && version != wanted))
            continue;
        found = version;
        snprintf(e->bin, sizeof e->bin, "%s", dir);
    }
    free(path);
    return found;
}

bool embedded_programs(struct embedded *e)
{
    int wanted = cluster_version(e);
    if (debian_programs(e, wanted) || path_programs(e, wanted))
        return true;
    if (wanted)
        log_error("embedded", NULL,
                  "the cluster in %s was made by PostgreSQL %d, and the server programs of that "
                  "version are not installed (package postgresql-%d)",
                  e->data, wanted, wanted);
    else
        log_error("embedded", NULL,
                  "no PostgreSQL server of version %d or later found in /usr/lib/postgresql or "
                  "PATH: install postgresql, or set database.url",
                  OLDEST);
    return false;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st, (void)flag;
    return at->level > 0 ? remove(path) : 0;
}

static bool empty_dir(const char *path)
{
    return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0;
}

// The cluster's new name must outlast a power cut, or the next start would make another.
static bool move_into_place(const struct embedded *e, const char *fresh)
{
    int folder = open(e->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool moved = folder >= 0 && rename(fresh, e->data) == 0 && fsync(folder) == 0;
    if (folder >= 0)
        close(folder);
    return moved;
}

static bool locale_known(const char *name)
{
    locale_t found = newlocale(LC_ALL_MASK, name, (locale_t)0);
    if (found)
        freelocale(found);
    return found != (locale_t)0;
}

// Made beside its place and moved there whole, so a kill in the middle leaves no half cluster.
bool embedded_initdb(struct embedded *e)
{
    char fresh[300], program[280];
    if (cluster_version(e))
        return true;
    snprintf(fresh, sizeof fresh, "%s.new", e->data);
    snprintf(program, sizeof program, "%s/initdb", e->bin);
    if ((mkdir(fresh, 0700) != 0 && errno != EEXIST) ||
        (e->user.change && lchown(fresh, e->user.uid, e->user.gid) != 0) ||
        !child_task(&e->user, empty_dir, fresh)) {
        log_error("embedded", NULL, "cannot prepare %s: %s", fresh, strerror(errno));
        return false;
    }
    char *argv[] = {program,
                    (char *)"-D",
                    fresh,
                    (char *)"-U",
                    (char *)"postgres",
                    (char *)"--encoding=UTF8",
                    (char *)(locale_known("C.UTF-8") ? "--locale=C.UTF-8" : "--locale=C"),
                    (char *)"--lc-collate=C",
                    (char *)"--data-checksums",
                    (char *)"--auth-local=trust",
                    (char *)"--auth-host=reject",
                    NULL};
    log_info("embedded", NULL, "making the database in %s", e->data);
    if (child_run(&e->user, argv, e->log) && move_into_place(e, fresh))
        return true;
    log_error("embedded", NULL, "initdb could not make %s", e->data);
    embedded_log_tail(e);
    return false;
}

void embedded_url(const struct embedded *e, const char *user, const char *dbname, char *out,
                  int size)
{
    snprintf(out, (size_t)size, "host=%s port=5432 user=%s dbname=%s", e->sockets, user, dbname);
}

static bool command(PGconn *pg, const char *sql)
{
    PGresult *result = PQexec(pg, sql);
    ExecStatusType status = PQresultStatus(result);
    bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!done)
        log_error("embedded", NULL, "%s", PQresultErrorMessage(result));
    PQclear(result);
    return done;
}

static bool database_exists(PGconn *pg)
{
    PGresult *result = PQexec(pg, "select from pg_database where datname = 'dossierpost'");
    bool found = PQntuples(result) == 1;
    PQclear(result);
    return found;
}

// Problems that SQL raises are answers, not news: the service logs what matters of them.
static const char roles_sql[] = "do $$ begin\n"
                                "  if to_regrole('dossierpost_owner') is null then create role "
                                "dossierpost_owner login; end if;\n"
                                "  if to_regrole('dossierpost_service') is null then create role "
                                "dossierpost_service login; end "
                                "if;\n"
                                "  alter role dossierpost_service set log_min_messages = 'log';\n"
                                "end $$";

bool embedded_roles(const struct embedded *e)
{
    char url[320];
    embedded_url(e, "postgres", "postgres", url, sizeof url);
    PGconn *pg = PQconnectdb(url);
    bool done = PQstatus(pg) == CONNECTION_OK;
    if (!done)
        log_error("embedded", NULL, "%s", PQerrorMessage(pg));
    done = done && command(pg, roles_sql) &&
           (database_exists(pg) ||
            command(pg, "create database dossierpost owner dossierpost_owner")) &&
           command(pg, "revoke all on database dossierpost from public") &&
           command(pg, "grant connect on database dossierpost to dossierpost_service");
    PQfinish(pg);
    return done;
}
