#pragma once
#include "base/arena.h"
#include "db/db.h"
#include "label/template.h"

// What SQL gives of a label: its facts, the sealed personal part and the key to that.
struct label_row {
    const char *facts;
    const void *sealed, *key; // NULL: nobody private is on it, or they were erased
    size_t facts_len, sealed_len, key_len;
};

// Its values and codes, of the template's kind, in `arena`. False when the personal part cannot be
// opened, or nothing can sign.
must_check bool label_row_values(struct arena *arena, const struct label_template *t,
                                 const struct label_row *row, const struct label_source *source,
                                 struct label_data *out);
// The same of a row whose three columns begin at `column`, with this service's keys and links.
must_check bool label_values(struct arena *arena, const struct label_template *t,
                             const struct db_result *result, int row, int column,
                             struct label_data *out);
