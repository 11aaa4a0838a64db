#pragma once
#include "label/facts.h"
#include "label/sheet.h"
#include "label/template.h"

// What there is to draw: labels and papers. Of each kind the words that a template of it may use,
// the document it is made from (what SQL gives, and what `dossierpost label` reads), and how values
// come out of it. A template is of the kind that its name begins with ("bag", "bag-a5"); any other
// name is a shipment label.

struct label_kind {
    const struct label_words *words;
    const struct json_field *facts;
    // Values and codes of one label, in `arena`. False when the number is none, or nothing can
    // sign.
    bool (*make)(struct arena *arena, const json_t *facts, const struct label_source *source,
                 struct label_data *out);
    // Of a paper in bands instead; in `arena` and in `facts`, which must stay. NULL as above.
    const struct sheet *(*lay)(struct arena *arena, const json_t *facts,
                               const struct label_source *source);
    // The same of a paper whose template says what it needs.
    const struct sheet *(*fill)(struct arena *arena, const struct label_template *t,
                                const json_t *facts, const struct label_source *source);
};

// Ended by a row without words.
extern const struct label_kind label_kinds[];
// NULL when there is none of this name.
const struct label_kind *label_kind_named(const char *name);
// Of a template by its name, never NULL.
const struct label_kind *label_kind_of(const char *template);
