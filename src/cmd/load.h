#pragma once
#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

// Data files into the database, through the SQL functions that take them. PostgreSQL reads the CSV
// (its own COPY), in the columns that the file's first line names; a column it does not know, or a
// row that does not fit, loads nothing. Blocking; the caller's transaction. Says why on failure.

struct load_kind {
    const char *name;    // "communes"
    const char *columns; // of a CSV file, all that there may be; NULL: a JSON file
    const char *call;    // gives the number of rows that were new or changed; $1 as `argument`
};

extern const struct load_kind load_communes, load_units, load_blocks, load_accounts,
    load_procedures, load_sorting;

// argument: $1 of the call, or NULL when it takes none (a JSON file is $1 itself).
must_check bool load_data(PGconn *pg, const struct load_kind *kind, const char *data, size_t size,
                          const char *argument, int *count);
// One statement without parameters.
must_check bool load_run(PGconn *pg, const char *sql);
