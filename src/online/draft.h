#pragma once
#include <jansson.h>

#include "dossier/dossier.h"

// What a draft says, without HTTP or SQL: {form, applicant, proxy?, agency, bring, documents?,
// pickup?, drop?, result_to, fees?, note?}. form: the answers to the procedure's form
// (base/json_form.h). bring: how the papers that must come themselves get there: pickup {day, half,
// address?}, drop {unit?: a post office; the one that serves the applicant when absent}, none. The
// rest is as in an intake.

enum { DRAFT_MAX = 49152 };

// As it is kept: each member may be absent or half typed.
extern const struct json_field draft_shape[];

// Everything that must hold before it may be filed, but for what only the database knows.
// `procedure` with its `form`; texts are cleaned in place.
void draft_check(struct arena *arena, const json_t *procedure, json_t *says,
                 struct json_errors *errors);

// Of a draft that was checked: the intake that it makes, under this id, and what online.submit
// takes as `how`, as JSON text. In the arena.
struct draft_filing {
    struct dossier_filing dossier;
    const char *how;
};
void draft_filing(struct arena *arena, const char *id, const char *procedure, const json_t *says,
                  struct draft_filing *out);
