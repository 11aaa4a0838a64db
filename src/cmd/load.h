#pragma once
#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

// Data files into the database, through the SQL functions that take them. PostgreSQL reads the CSV
// (its own COPY), in the columns that the file's first line names, and the JSON; a column it does
// not know, or a row that does not fit, loads nothing. Blocking; the caller's transaction. Says why
// on failure: a bad row by its line (of CSV) or place (of JSON) and its field.

struct load_kind {
    const char *name;     // "communes"
    const char *columns;  // of a CSV file, all that there may be; NULL: a JSON file
    const char *list;     // of a JSON file, the member that is the list of rows
    const char *key;      // of a CSV file, the column that stands once; NULL: none
    const char *wrong;    // the function that says what is wrong with a row `r`; NULL: none
    const char *patterns; // gives (line, field, regular expression) of load_row; NULL: it has none
    const char *call;     // gives the number of rows that were new or changed; $1 to $2: the lines
                          // of load_row to take, $3 as `argument`
    const char *state; // gives (key, row as jsonb) of all that there is; NULL: it is not compared
    const char *end;   // the function that, told the codes of a file that names all there is and
                       // a day, ends the others on it; NULL: no file does
    const char *code;  // of a row of load_row, the code that it is told
    int step;          // rows of one call, 0: all; told of on the way when there are more
};

extern const struct load_kind load_communes, load_units, load_blocks, load_accounts,
    load_procedures, load_procedures_csv, load_sorting;

// What became of a file.
struct load_told {
    int rows, fresh, changed, ended;
    PGresult *changes; // key, what, fields; PQclear. NULL: not compared
};

// argument: $3 of the call, or NULL. count: how many were new or changed.
must_check bool load_data(PGconn *pg, const struct load_kind *kind, const char *data, size_t size,
                          const char *argument, int *count);
// The same, with progress on standard error, and compares what there was before with what is then.
must_check bool load_compare(PGconn *pg, const struct load_kind *kind, const char *data,
                             size_t size, const char *argument, bool whole, struct load_told *told);
// One statement without parameters.
must_check bool load_run(PGconn *pg, const char *sql);
