#pragma once
#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "label/facts.h"
#include "label/symbol.h"

// A template is an SVG drawing as Inkscape writes it: page size in millimetres, shapes, text. It is
// parsed once, into a list of drawing operations; printing a label never sees SVG again.
//   <text id="recipient_name" style="shape-inside:url(#frame)">  a slot: what the field says is set
//       inside the rectangle `frame`. The id is a field of label/facts.h; what the designer wrote
//       inside is a sample. line-height, text-align and dominant-baseline (middle, text-bottom)
//       place the lines; ids that Inkscape gives by itself (text12) are plain text.
//   <rect id="qr">, <rect id="qr_short">, <rect id="code128">    where a code goes, quiet zone
//       included; fill and stroke of these are not drawn. In a rectangle that is higher than wide
//       the bars run down the page.
//   <g id="row">    of a paper (label/sheet.h): a band, which is drawn where the paper needs it and
//       as often. The rectangle `row-box` says how much of the drawing it is. Where the words are
//       open (label/form.h) every group that has such a rectangle is a band, in the order of the
//       drawing, and every text with an id of its own a slot.
//   <rect id="cell-1"><title>shipment-a6</title></rect>    of a sheet with several labels: here the
//       template of that name is drawn, in its own size, with the values of the first label; and so
//       on with cell-2 … without a gap. Such a template has neither slots nor codes of its own.
// Any other template must have the slot `number` and at least one code. What could reach outside or
// cannot be printed in black and white is refused with its line: DOCTYPE and entities, links,
// pictures, scripts, style sheets, gradients, filters, clipping, transparency; so is anything too
// large.

enum {
    LABEL_TEMPLATE_BYTES = 256 * 1024,
    LABEL_TEMPLATE_OPS = 1000,
    LABEL_TEMPLATE_NODES = 10000,
    LABEL_TEMPLATE_DEPTH = 32,
    LABEL_TEMPLATE_BANDS = 40,
    LABEL_TEMPLATE_CELLS = 48,
};

// What may stand in a template: the ids of its slots, and of its bands, all of which it must have.
struct label_words {
    const char *kind;          // what it is a template of; begins its file's name
    const char *const *fields; // at most LABEL_FIELDS_MAX; NULL ends each list
    const char *const *bands;
    bool open; // the template has its own instead
};
extern const struct label_words label_words; // a shipment label's, without bands
// The place of a name in a list that NULL ends; -1: it is not there.
int label_word(const char *const *list, const char *name);

// What is wrong, for the person who draws.
struct label_fault {
    int line; // 0: the whole file
    char text[240];
};

enum label_op_kind {
    LABEL_OP_FILL,
    LABEL_OP_STROKE,
    LABEL_OP_TEXT,
    LABEL_OP_FRAME, // text inside a box
    LABEL_OP_CODE,
};
enum label_align { LABEL_START, LABEL_MIDDLE, LABEL_END };

struct label_type { // how text looks
    const char *family;
    double size; // in the units of the op's matrix
    double line; // distance of base lines over size
    int weight;
    bool italic;
    enum label_align align;
    enum label_align valign; // in a frame
};

struct label_op {
    enum label_op_kind kind;
    int band;   // 0: of none
    bool still; // the same on every label, and drawn before what is not
    double red, green, blue;
    // FILL, STROKE: in millimetres
    cairo_path_data_t *path;
    int path_count;
    bool even_odd;
    double width;
    cairo_line_cap_t cap;
    cairo_line_join_t join;
    // TEXT (at x, y) and FRAME: in the units of `matrix`, which leads to millimetres
    cairo_matrix_t matrix;
    struct label_type type;
    const char *text; // NULL: the field's
    int field;        // of the words
    double x, y;
    struct label_box box; // FRAME in units of matrix; CODE in millimetres
    enum label_code_kind code;
};

struct label_cell { // millimetres
    double x, y, width, height;
    const char *name;
    int line;
    const struct label_template *t; // NULL before label_template_link
};

struct label_template {
    struct arena arena;
    char *name;
    double width, height; // millimetres
    const struct label_words *words;
    const char *const *fields, *const *band_names; // of the words, or its own
    struct label_box bands[LABEL_TEMPLATE_BANDS];  // from 1; millimetres
    int count;
    struct label_op *ops;
    int cells; // 0: a label of its own
    struct label_cell cell[LABEL_TEMPLATE_CELLS];
};

// A page: the template drawn with its one label, or its cells with one each.
struct label_page {
    const struct label_template *t;
    const struct label_data *const *labels; // NULL in it: that cell stays empty
    int count;                              // at most label_template_places(t); the rest is empty
};

// NULL with `fault` filled. `name` is copied.
must_check struct label_template *label_template_parse(const char *name,
                                                       const struct label_words *words,
                                                       const char *data, size_t len,
                                                       struct label_fault *fault);
void label_template_destroy(struct label_template *t);
// Finds the templates that its cells name. False with `fault` filled: there is none of that name
// and kind, or it is larger than its cell. A template without cells is complete as it is.
must_check bool label_template_link(struct label_template *t, struct label_fault *fault);
// How many labels a page of it holds.
int label_template_places(const struct label_template *t);

// The templates of labels/ and of the folder label.templates, parsed at start by label_setup. NULL
// when there is none of this name with these words; words NULL: of any kind.
const struct label_template *label_template_named(const char *name,
                                                  const struct label_words *words);
// False: one of labels/ is broken. A broken one of the office's own is logged and left out.
must_check bool label_templates_load(struct label_fault *fault);
void label_templates_drop(void);

void label_fault_set(struct label_fault *fault, int line, const char *fmt, ...) printf_like(3, 4);
