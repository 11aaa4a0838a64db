#include "cmd/export.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cmd/admin.h"

const char cmd_export_usage[] = "usage: dossierpost export [--csv] procedures\n";

static bool written(bool good)
{
    if (good && fflush(stdout) == 0)
        return true;
    perror("dossierpost: standard output");
    return false;
}

static bool write_csv(struct admin *admin)
{
    char *row;
    int len;
    bool good = true;
    PGresult *result = PQexec(admin->pg, "copy (select * from procedure.cells order by code)"
                                         " to stdout with (format csv, header)");
    bool begun = PQresultStatus(result) == PGRES_COPY_OUT;
    PQclear(result);
    if (!begun) {
        fprintf(stderr, "dossierpost: %s", PQerrorMessage(admin->pg));
        return false;
    }
    while ((len = PQgetCopyData(admin->pg, &row, 0)) > 0) {
        good = good && fwrite(row, 1, (size_t)len, stdout) == (size_t)len;
        PQfreemem(row);
    }
    result = PQgetResult(admin->pg);
    bool ended = len == -1 && PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!ended)
        fprintf(stderr, "dossierpost: %s", PQerrorMessage(admin->pg));
    PQclear(result);
    return ended && written(good);
}

static bool write_json(struct admin *admin)
{
    PGresult *result = admin_ask(admin, "select procedure.exported()", 0, NULL);
    if (!result)
        return false;
    json_t *list = json_loads(PQgetvalue(result, 0, 0), 0, NULL);
    bool good = list && json_dumpf(list, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF;
    json_decref(list);
    PQclear(result);
    return written(good);
}

int cmd_export(int argc, char **argv)
{
    struct admin admin;
    bool csv = argc == 3 && strcmp(argv[1], "--csv") == 0;
    if ((argc != 2 && !csv) || strcmp(argv[argc - 1], "procedures") != 0) {
        fputs(cmd_export_usage, stderr);
        return 2;
    }
    bool done = admin_open(&admin) && (csv ? write_csv(&admin) : write_json(&admin));
    admin_close(&admin);
    return done ? 0 : 1;
}
