#pragma once
#include "base/assets.h"
#include "base/compiler.h"

// The migrations among embedded files: their order, names and checksums.

enum { MIGRATE_MAX = 1000, MIGRATE_SUM = 65 };

struct migrate_file {
    const char *name; // without migrations/
    const char *sql;
    char sum[MIGRATE_SUM]; // SHA-256, hexadecimal
};

struct migrate_files {
    int count;
    struct migrate_file list[MIGRATE_MAX];
};

// A list on the heap, NULL (having said why) when a name is not NNNN_name.sql or the list is not in
// order. Free with free().
must_check struct migrate_files *migrate_files_find(const struct asset *files);

// How what was applied (in order of name) differs from the files. Returns how many files are
// applied, or -1 with the reason in `why`.
enum { MIGRATE_WHY = 400 };
struct migrate_applied {
    const char *name, *sum;
};
must_check int migrate_files_compare(const struct migrate_files *files,
                                     const struct migrate_applied *applied, int count,
                                     char why[MIGRATE_WHY]);
