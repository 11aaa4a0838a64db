#pragma once
#include <stdbool.h>

#include "base/compiler.h"
#include "label/template.h"

struct buf;

// A paper of any length from a template with bands: what stands in no band is on every page; a
// block is one band with its values, as high as its texts need; blocks follow each other down the
// page and go on on the next, where a row has the head of its table above it again. PDF, text as
// text.

#define SHEET_BANDS(BAND) \
    BAND(first, "Head of the first page") \
    BAND(next, "Head of the other pages") \
    BAND(columns, "Head of the table, on every page with rows") \
    BAND(row, "A row of the table") \
    BAND(heading, "Above lines") \
    BAND(line, "A line of text") \
    BAND(end, "What closes the paper: signatures and the checkpoint")

#define SHEET_FIELDS(FIELD) \
    FIELD(org, "Unit that made the paper") \
    FIELD(number, "Number of the paper") \
    FIELD(number_again, "The same, on the other pages") \
    FIELD(state, "Mark of what is not signed, or was superseded") \
    FIELD(state_again, "The same, on the other pages") \
    FIELD(take_all, "Below the code by which the taker takes all") \
    FIELD(when, "Time and place") \
    FIELD(giver_unit, "Unit that gives") \
    FIELD(giver, "Who gives, and in which capacity") \
    FIELD(taker_unit, "Unit that takes") \
    FIELD(taker, "Who takes, and in which capacity") \
    FIELD(line_no, "Place in the list") \
    FIELD(item, "Number of a shipment or a bag, in groups") \
    FIELD(dossier, "Code of its dossier") \
    FIELD(leg, "Which way it goes") \
    FIELD(originals, "Originals") \
    FIELD(copies, "Copies") \
    FIELD(finding, "What the taker found") \
    FIELD(note, "What the taker wrote") \
    FIELD(caption, "Text of a heading") \
    FIELD(words, "Text of a line") \
    FIELD(giver_signed, "When and by whom signed electronically") \
    FIELD(giver_name, "Name below the signature") \
    FIELD(taker_signed, "The same of the other side") \
    FIELD(taker_name, "Name below the other signature") \
    FIELD(checkpoint, "Size and time of the log's signed checkpoint") \
    FIELD(root, "Its root, in groups") \
    FIELD(link, "Where it is found, for people") \
    FIELD(mark, "Size and beginning of the root, for the foot of every page") \
    FIELD(page, "Page n of m") \
    FIELD(demo, "Mark of a paper from a demo service, empty otherwise")

enum sheet_band {
    SHEET_BAND_PAGE, // of no band
#define SHEET_BAND_ENUM(name, text) SHEET_BAND_##name,
    SHEET_BANDS(SHEET_BAND_ENUM)
};
enum sheet_field {
#define SHEET_FIELD_ENUM(name, text) SHEET_##name,
    SHEET_FIELDS(SHEET_FIELD_ENUM) SHEET_FIELD_COUNT
};
extern const struct label_words sheet_words;

struct sheet_block {
    enum sheet_band band;
    const char *field[SHEET_FIELD_COUNT]; // as in label/facts.h; NULL: nothing
};

struct sheet {
    const char *title;                    // of the PDF
    const char *code[LABEL_CODE_COUNT];   // what the codes say; NULL: it is left out
    const char *field[SHEET_FIELD_COUNT]; // of the heads and of what is on every page
    const struct sheet_block *blocks;
    int count;
};

// Thread-safe. `t` has sheet_words.
must_check bool sheet_render(const struct label_template *t, const struct sheet *sheet,
                             struct buf *out, struct label_fault *fault);
