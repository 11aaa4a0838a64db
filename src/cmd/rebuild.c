#include "cmd/rebuild.h"

#include <stdio.h>
#include <string.h>

#include "cmd/admin.h"

static const char rebuild_sql[] =
    "select subject, what, kept::text, folded::text,"
    " jsonb_build_object('subject', subject, 'what', what, 'kept', kept, 'folded', folded)::text"
    " from custody.rebuild()";
static const char skipped_sql[] = "select count(*) from custody.purged";

static void print_line(const PGresult *found, int row, bool json)
{
    if (json)
        printf("%s%s\n", PQgetvalue(found, row, 4), row + 1 < PQntuples(found) ? "," : "");
    else
        printf("%s %s: kept %s, events say %s\n", PQgetvalue(found, row, 0),
               PQgetvalue(found, row, 1), PQgetvalue(found, row, 2), PQgetvalue(found, row, 3));
}

static void print_all(const PGresult *found, bool json)
{
    int rows = PQntuples(found);
    if (json)
        printf("[");
    for (int row = 0; row < rows; row++)
        print_line(found, row, json);
    if (json)
        printf("]\n");
    else
        printf("%d differences\n", rows);
}

// What cannot be folded any more. Apart from the list, which may be JSON.
static bool tell_skipped(struct admin *admin)
{
    PGresult *count = admin_ask(admin, skipped_sql, 0, NULL);
    if (count && strcmp(PQgetvalue(count, 0, 0), "0") != 0)
        fprintf(stderr, "%s skipped: their history was purged\n", PQgetvalue(count, 0, 0));
    PQclear(count);
    return count != NULL;
}

static int compare(struct admin *admin, bool json)
{
    PGresult *found = admin_ask(admin, rebuild_sql, 0, NULL);
    if (!found)
        return 1;
    print_all(found, json);
    int status = PQntuples(found) == 0 ? 0 : 1;
    PQclear(found);
    return tell_skipped(admin) ? status : 1;
}

const char cmd_rebuild_usage[] = "usage: dossierpost rebuild [--json]\n";

int cmd_rebuild(int argc, char **argv)
{
    struct admin admin;
    bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
    if (argc > 1 && !json) {
        fputs(cmd_rebuild_usage, stderr);
        return 2;
    }
    int status = admin_open(&admin) ? compare(&admin, json) : 1;
    admin_close(&admin);
    return status;
}
