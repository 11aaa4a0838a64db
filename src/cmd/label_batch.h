#pragma once
#include <stdbool.h>

#include "cmd/label_facts.h"
#include "label/part.h"

// dossierpost label with the facts of many: one stream of labels, drawn by several threads in the
// memory of a few hundred. One label that is wrong is told on standard error; the rest is drawn.

enum { LABEL_BATCH_JOBS = 64 };

struct label_batch_wish {
    struct label_way way;
    const struct label_kind *kind;
    const struct label_source *source;
    const char *out; // "-": standard output
    int jobs;        // 0: one for each core
    bool progress;   // on standard error, also when that is no terminal
};

// `first` is the text of the first, which was read already. False when anything is missing.
must_check bool label_batch_make(const struct label_batch_wish *wish, struct label_facts *facts,
                                 struct buf *first);
