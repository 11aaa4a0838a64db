#include "cmd/report.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "cmd/admin.h"
#include "custody/custody_db.h"
#include "custody/diagram.h"

static void print_transitions(const json_t *vocabulary, bool json)
{
    struct buf out = {0};
    if (json) {
        json_dumpf(json_object_get(vocabulary, "transitions"), stdout, JSON_COMPACT);
        putchar('\n');
        return;
    }
    diagram_print(&out, vocabulary);
    fputs(out.data, stdout);
    buf_finish(&out);
}

// `sql` gives one row with one json.
static const struct {
    const char *name, *sql;
    void (*print)(const json_t *found, bool json);
} reports[] = {
    {"transitions", custody_vocabulary_sql, print_transitions},
};

static int report(const char *sql, void (*print)(const json_t *found, bool json), bool json)
{
    struct admin admin;
    PGresult *result = admin_open(&admin) ? admin_ask(&admin, sql, 0, NULL) : NULL;
    json_t *found = result ? json_loads(PQgetvalue(result, 0, 0), 0, NULL) : NULL;
    if (found)
        print(found, json);
    json_decref(found);
    PQclear(result);
    admin_close(&admin);
    return found ? 0 : 1;
}

const char cmd_report_usage[] = "usage: dossierpost report transitions [--json]\n";

int cmd_report(int argc, char **argv)
{
    bool json = argc == 3 && strcmp(argv[2], "--json") == 0;
    for (size_t i = 0; i < countof(reports) && (argc == 2 || json); i++) {
        if (strcmp(reports[i].name, argv[1]) == 0)
            return report(reports[i].sql, reports[i].print, json);
    }
    fputs(cmd_report_usage, stderr);
    return 2;
}
