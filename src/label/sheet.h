#pragma once
#include <stdbool.h>

#include "base/compiler.h"
#include "label/template.h"

struct buf;

// A paper of any length from a template with bands: what stands in no band is on every page; a
// block is one band with its values, as high as its texts need; blocks follow each other down the
// page and go on on the next, where a row has the head of its table above it again; the last block
// is not alone on a page. PDF, text as text. `first` and `next` must be among the bands, and begin
// their pages at the same height wherever `next` is drawn; the others are the kind's, or the
// template's own.

#define SHEET_BANDS(BAND) \
    BAND(first, "Head of the first page") \
    BAND(next, "Head of the other pages") \
    BAND(columns, "Head of the table, on every page with rows") \
    BAND(row, "A row of the table") \
    BAND(heading, "Above lines") \
    BAND(line, "A line of text") \
    BAND(end, "What closes the paper: signatures and the checkpoint")

enum sheet_band {
    SHEET_BAND_PAGE, // of no band
#define SHEET_BAND_ENUM(name, text) SHEET_BAND_##name,
    SHEET_BANDS(SHEET_BAND_ENUM)
};
extern const char *const sheet_bands[]; // of the words of every kind of paper

struct sheet_block {
    int band; // of the template; of most papers an enum sheet_band
    int head; // the band that stands above it on every page: the head of its table; 0: none
    const char *field[LABEL_FIELDS_MAX]; // as in label/facts.h; NULL: nothing
};

struct sheet {
    const char *title;                   // of the PDF
    const char *code[LABEL_CODE_COUNT];  // what the codes say; NULL: it is left out
    const char *field[LABEL_FIELDS_MAX]; // of the heads and of what is on every page
    const struct sheet_block *blocks;
    int count;
};

// Thread-safe. `t` is of the kind whose fields the sheet has; its field `page` is set here.
must_check bool sheet_render(const struct label_template *t, const struct sheet *sheet,
                             struct buf *out, struct label_fault *fault);
