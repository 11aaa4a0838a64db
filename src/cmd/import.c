#include "cmd/import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cmd/admin.h"
#include "cmd/load.h"

enum { FILE_MAX = 64 << 20 };

static const struct load_kind *const kinds[] = {&load_communes, &load_units, &load_blocks,
                                                &load_procedures, &load_sorting};

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

static bool import(const struct load_kind *kind, const struct buf *data)
{
    struct admin admin;
    const char *text = after_mark(data);
    size_t size = data->len - (size_t)(text - data->data);
    int count = 0;
    bool done = admin_open(&admin) && load_run(admin.pg, "begin") &&
                load_data(admin.pg, kind, text, size, NULL, &count) && load_run(admin.pg, "commit");
    if (done)
        printf("%d %s new or changed\n", count, kind->name);
    admin_close(&admin);
    return done;
}

const char cmd_import_usage[] =
    "usage: dossierpost import communes|units|blocks|procedures|sorting FILE\n";

int cmd_import(int argc, char **argv)
{
    const struct load_kind *kind = argc == 3 ? kind_named(argv[1]) : NULL;
    struct buf data = {0};
    if (!kind) {
        fputs(cmd_import_usage, stderr);
        return 2;
    }
    bool done = read_file(argv[2], &data) && import(kind, &data);
    buf_finish(&data);
    return done ? 0 : 1;
}
