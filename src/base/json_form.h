#pragma once
#include <jansson.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/json.h"

// A form that the catalogue describes as data: a flat JSON Schema object. Its properties are of
// type string (minLength, maxLength, pattern, format date, enum), integer (minimum, maximum) or
// boolean; `required` names those that must be there, and a boolean among them must be true, as a
// statement that one must agree to. Words that only a page needs (title,
// position, enum_titles) are passed over. base/json.h checks what the program itself describes in
// tables.

// Checks the answers; each one that does not fit, is missing or is not in the form is an error
// below `pointer` (as "/form"), in both languages. Texts are cleaned in place as json_check does; a
// required text of blanks is missing. A pattern that takes too long refuses nothing.
void json_form_check(struct arena *arena, const json_t *form, json_t *answers, const char *pointer,
                     struct json_errors *errors);
// Why a pattern cannot be read, in the arena; NULL: it can. No procedure with such a one is loaded.
const char *json_form_pattern_wrong(struct arena *arena, const char *pattern);
// Takes out of the answers what the form does not ask or what is of another type, as when the form
// has changed; gives the names. A new reference.
json_t *json_form_fit(const json_t *form, json_t *answers);
