#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "label/template.h"

// One PDF made of many that cairo wrote one after the other (restricted to PDF 1.4), as they come:
// only the places of the objects are kept until the end, four bytes each. Each part is a branch of
// the tree of pages.

struct pdf_join {
    struct buf places; // uint32_t for each object written, from number 1
    struct buf parts;  // uint32_t: the number of each branch
    uint64_t at;       // bytes written
    int pages;
};

void pdf_join_begin(struct pdf_join *join, struct buf *out);
// False, with `fault` filled and nothing added to `out`, when the part is not as cairo writes it.
must_check bool pdf_join_add(struct pdf_join *join, const char *data, size_t len, struct buf *out,
                             struct label_fault *fault);
// False when its root would lie behind 4 GiB; `out` is of no use then.
must_check bool pdf_join_end(struct pdf_join *join, struct buf *out);
void pdf_join_finish(struct pdf_join *join);
