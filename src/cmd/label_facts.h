#pragma once
#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "label/kind.h"

// JSON objects out of a file, one after the other, so that a long file is never held whole: an
// array of them, or one behind the other with space between (a line each, as in .jsonl).

struct label_facts {
    FILE *file;
    const char *path;
    int next; // byte that was read and not used; EOF: none
    int count;
    bool array, began;
};

enum label_facts_found { LABEL_FACTS_ONE, LABEL_FACTS_END, LABEL_FACTS_BROKEN };

// "-" is standard input. Says why on failure.
must_check bool label_facts_open(struct label_facts *facts, const char *path);
void label_facts_close(struct label_facts *facts);
// The text of the next object, whatever is inside; BROKEN where none is.
must_check enum label_facts_found label_facts_next(struct label_facts *facts, struct buf *out);
// Whether the file is one for a batch: an array, or one with another object.
bool label_facts_many(struct label_facts *facts);

// What the text of an object says that it is of (label/kind.h). NULL after saying that there is no
// such thing.
const struct label_kind *label_facts_kind(const char *text);
// The object, checked, which must be of that kind: a new reference; or NULL, and what is wrong with
// it, a line each. Any thread, here and below.
must_check json_t *label_facts_read(struct arena *arena, const struct label_kind *kind,
                                    const char *text, const char **problem);
// The values that it gives, in `arena`. NULL, or what is wrong with it. `number` is what it calls
// itself; NULL when it does not.
must_check const char *label_facts_data(struct arena *arena, const struct label_kind *kind,
                                        const char *text, const struct label_source *source,
                                        struct label_data *out, const char **number);
// What is wrong when nothing can be made of checked facts.
const char *label_facts_no_number(const struct label_kind *kind);
