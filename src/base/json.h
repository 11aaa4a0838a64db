#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

// What a JSON body (or a query string) may look like, as const tables. The same table checks the
// input, names each wrong member, and is printed as JSON Schema into /openapi.json.

enum json_kind {
    JSON_KIND_TEXT,       // least..greatest code points (blanks alone count 0), made NFC in place
    JSON_KIND_LINES,      // the same, newlines allowed
    JSON_KIND_INT,        // least..greatest
    JSON_KIND_BOOL,       //
    JSON_KIND_TIME,       // RFC 3339 with offset
    JSON_KIND_UUID,       // made lower case in place
    JSON_KIND_ENUM,       // one of `choices`
    JSON_KIND_OBJECT,     // described by `shape`
    JSON_KIND_ARRAY,      // least..greatest elements of `item`
    JSON_KIND_ANY_OBJECT, // an object that the next layer checks
};

struct json_field {
    const char *name;
    enum json_kind kind;
    bool required;
    int64_t least, greatest;        // both 0: any; greatest below least: no upper bound
    const char *const *choices;     // NULL-terminated
    const struct json_field *shape; // members of an object, ended by a row without a name
    const struct json_field *item;  // the one element of an array
    const char *text;               // what it is, for the reader of the API
};

struct json_error {
    const char *pointer; // RFC 6901
    const char *code; // required, unknown, type, too_short, too_long, too_small, too_big, choice,
                      // format, controls
    const char *detail_vi, *detail_en;
};

enum { JSON_ERRORS_MAX = 32, JSON_DEPTH_MAX = 16 };

struct json_errors {
    int count;
    struct json_error list[JSON_ERRORS_MAX];
};

// Parses and checks. ERR_OK, ERR_INVALID_JSON or ERR_INVALID_FIELDS (with `errors` filled; all
// memory in `arena`). The document is the caller's, also after INVALID_FIELDS (NULL after
// INVALID_JSON).
must_check enum err json_read(struct arena *arena, const char *data, size_t len,
                              const struct json_field *shape, json_t **document,
                              struct json_errors *errors);
// Checks a document that exists; cleans its texts in place, and takes out members that are null and
// may be absent.
must_check enum err json_check(struct arena *arena, json_t *document,
                               const struct json_field *shape, struct json_errors *errors);
// Appends one more error, for checks the table cannot express.
void json_error_add(struct json_errors *errors, const char *pointer, const char *code,
                    const char *detail_vi, const char *detail_en);
// The pointer of a member below another's.
const char *json_pointer(struct arena *arena, const char *above, const char *name);
// Whether the row has an upper bound.
bool json_field_bounded(const struct json_field *field);
// The table as JSON Schema 2020-12. A new reference.
json_t *json_schema(const struct json_field *shape);

// Its text in one line, in the arena; never NULL.
const char *json_line(struct arena *arena, const json_t *document, size_t flags);

// Members that may be absent: NULL, or the fallback.
const char *json_text(const json_t *object, const char *name);
int64_t json_int(const json_t *object, const char *name, int64_t fallback);
bool json_bool(const json_t *object, const char *name);
