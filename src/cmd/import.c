#include "cmd/import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cmd/admin.h"
#include "cmd/load.h"

enum { FILE_MAX = 64 << 20 };

static const struct load_kind *const kinds[] = {&load_communes, &load_units, &load_blocks,
                                                &load_procedures, &load_sorting};

struct wish {
    bool dry, whole;
    const char *from, *file;
    const struct load_kind *kind;
};

static const struct load_kind *kind_named(const char *name)
{
    for (size_t i = 0; i < countof(kinds); i++) {
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    }
    return NULL;
}

static bool read_file(const char *path, struct buf *out)
{
    char part[65536];
    size_t got;
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!file) {
        fprintf(stderr, "dossierpost: %s: %s\n", path, strerror(errno));
        return false;
    }
    while ((got = fread(part, 1, sizeof part, file)) > 0 && out->len <= FILE_MAX)
        buf_add(out, part, got);
    bool good = !ferror(file) && out->len > 0 && out->len <= FILE_MAX;
    if (!good)
        fprintf(stderr, "dossierpost: %s is empty, too large or unreadable\n", path);
    if (file != stdin)
        fclose(file);
    return good;
}

// A byte order mark in front is what spreadsheets write.
static const char *after_mark(const struct buf *data)
{
    return data->len >= 3 && memcmp(data->data, "\xef\xbb\xbf", 3) == 0 ? data->data + 3
                                                                        : data->data;
}

// --- what became of it ---------------------------------------------------------------------------

enum { LISTED = 200 };

static void tell_changes(const struct load_told *told)
{
    int count = told->changes ? PQntuples(told->changes) : 0;
    for (int i = 0; i < count && i < LISTED; i++) {
        const char *fields = PQgetvalue(told->changes, i, 2);
        printf("%s %s%s%s\n", PQgetvalue(told->changes, i, 1), PQgetvalue(told->changes, i, 0),
               *fields ? ": " : "", fields);
    }
    if (count > LISTED)
        printf("… and %d more\n", count - LISTED);
}

static void tell(const struct wish *wish, const struct load_kind *kind,
                 const struct load_told *told)
{
    int touched = told->fresh + told->changed + told->ended;
    int alike = told->rows > touched ? told->rows - touched : 0;
    if (wish->dry)
        tell_changes(told);
    printf("%d %s%s new or changed", touched, kind->name, wish->dry ? " would be" : "");
    if (told->changes)
        printf(": %d new, %d changed, %d ended, %d unchanged", told->fresh, told->changed,
               told->ended, alike);
    printf("\n");
}

static bool import(const struct wish *wish, const struct load_kind *kind, const struct buf *data)
{
    struct admin admin;
    struct load_told told = {0};
    const char *text = after_mark(data);
    size_t size = data->len - (size_t)(text - data->data);
    bool done = admin_open(&admin) && load_run(admin.pg, "begin") &&
                load_compare(admin.pg, kind, text, size, wish->from, wish->whole, &told) &&
                load_run(admin.pg, wish->dry ? "rollback" : "commit");
    if (done)
        tell(wish, kind, &told);
    PQclear(told.changes);
    admin_close(&admin);
    return done;
}

// --- the command ---------------------------------------------------------------------------------

const char cmd_import_usage[] =
    "usage: dossierpost import [--dry-run] [--from DATE] [--whole]\n"
    "                          communes|units|blocks|procedures|sorting FILE\n"
    "  --dry-run    only say what would be new, changed (and which fields) or ended\n"
    "  --from DATE  changed procedures are in effect from this day, 2026-12-01; else from today\n"
    "  --whole      procedures that FILE does not name, or communes of a province that it names, "
    "end "
    "on that day\n"
    "FILE may be - for standard input. All of it is taken or nothing; wrong rows are named.\n";

static bool wish_read(struct wish *wish, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--dry-run") == 0)
            wish->dry = true;
        else if (strcmp(argv[i], "--whole") == 0)
            wish->whole = true;
        else if (strcmp(argv[i], "--from") == 0 && i + 1 < argc && clock_is_date(argv[i + 1]))
            wish->from = argv[++i];
        else if (argv[i][0] == '-' && argv[i][1])
            return false;
        else if (!wish->kind && (wish->kind = kind_named(argv[i])))
            continue;
        else if (wish->kind && !wish->file)
            wish->file = argv[i];
        else
            return false;
    }
    return wish->kind && wish->file &&
           (wish->kind == &load_procedures || !*wish->from || wish->whole) &&
           (wish->kind->end || !wish->whole);
}

// A list of procedures is JSON or CSV, as it begins.
static const struct load_kind *kind_of(const struct load_kind *kind, const struct buf *data)
{
    const char *text = after_mark(data);
    text += strspn(text, " \t\r\n");
    return kind == &load_procedures && *text != '{' ? &load_procedures_csv : kind;
}

int cmd_import(int argc, char **argv)
{
    struct wish wish = {.from = ""};
    struct buf data = {0};
    if (!wish_read(&wish, argc, argv)) {
        fputs(cmd_import_usage, stderr);
        return 2;
    }
    bool done = read_file(wish.file, &data) && import(&wish, kind_of(wish.kind, &data), &data);
    buf_finish(&data);
    return done ? 0 : 1;
}
