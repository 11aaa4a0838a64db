#include "cmd/admin.h"

#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "base/err.h"
#include "cmd/migrate.h"

void admin_notice(void *arg, const char *text)
{
}

// The socket's folder, line 5 of postmaster.pid of an embedded database; false when there is none.
static bool socket_folder(char out[256])
{
    enum { LINE = 5 };
    char path[400];
    snprintf(path, sizeof path, "%s/postgres/postmaster.pid", conf.state_dir);
    FILE *file = fopen(path, "re");
    bool found = file != NULL;
    for (int i = 0; i < LINE && found; i++)
        found = fgets(out, 256, file) != NULL;
    if (file)
        fclose(file);
    if (found)
        out[strcspn(out, "\n")] = '\0';
    return found && out[0] == '/';
}

static bool embedded_runs(struct admin *admin)
{
    char folder[256];
    if (conf.database_url[0] || !socket_folder(folder))
        return false;
    snprintf(admin->found, sizeof admin->found,
             "host=%s port=5432 user=dossierpost_owner dbname=dossierpost connect_timeout=5",
             folder);
    admin->url = admin->found;
    return PQping(admin->url) == PQPING_OK;
}

static bool connect_owner(struct admin *admin)
{
    admin->pg = PQconnectdb(admin->url);
    if (PQstatus(admin->pg) != CONNECTION_OK) {
        fprintf(stderr, "dossierpost: %s", PQerrorMessage(admin->pg));
        return false;
    }
    PQsetNoticeProcessor(admin->pg, admin_notice, NULL);
    return true;
}

bool admin_open(struct admin *admin)
{
    *admin = (struct admin){0};
    if (!embedded_runs(admin)) {
        if (!database_open_there(&admin->embedded))
            return false;
        admin->url = conf.database_owner_url[0] ? conf.database_owner_url : conf.database_url;
    }
    return connect_owner(admin);
}

void admin_close(struct admin *admin)
{
    PQfinish(admin->pg);
    embedded_stop(&admin->embedded);
}

static void tell(const PGresult *result)
{
    const char *slug = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    enum err err = err_by_slug(slug ? slug : "");
    if (err == ERR_OK)
        fprintf(stderr, "dossierpost: %s", PQresultErrorMessage(result));
    else
        fprintf(stderr, "dossierpost: %s %s\n", err_row(err)->title_en,
                detail && strcmp(detail, "{}") != 0 ? detail : "");
}

PGresult *admin_ask(struct admin *admin, const char *sql, int count, const char *const *values)
{
    PGresult *result = PQexecParams(admin->pg, sql, count, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return result;
    tell(result);
    PQclear(result);
    return NULL;
}
