#pragma once
#include <stddef.h>

#include "base/err.h"

// The one row with one JSON text that a call of the database gave, or the problem that SQL raised:
// db/db.h makes it (db_row_json), http/respond.h passes it on (reply_row).
struct row_json {
    enum err err;
    const char *detail; // of a problem: a JSON object, or NULL
    const char *json;   // NULL: there is no such thing
    size_t len;
};
