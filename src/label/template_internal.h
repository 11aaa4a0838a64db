#pragma once
#include <libxml/tree.h>

#include "label/style.h"
#include "label/template.h"

// Shared by the files that parse a template; nobody else's.

struct label_parser {
    struct label_template *t;
    struct label_fault *fault;
    const xmlNode *root;
    const struct label_words *words;
    cairo_matrix_t page; // from the units of the drawing to millimetres
    int nodes, depth, band;
    bool number, code; // seen
};

#define template_wrong(p, node, ...) \
    (label_fault_set((p)->fault, (int)xmlGetLineNo(node), __VA_ARGS__), false)

// The caller has made sure that there is room.
struct label_op *template_op(struct label_parser *p, enum label_op_kind kind,
                             const struct svg_colour *colour);
// The element with this id; NULL: there is none.
const xmlNode *template_node(const xmlNode *root, const char *id);
// Whether Inkscape gave this id to a text by itself: text1234, text1234-5.
bool template_id_given(const char *id);
// Finds which slots and bands there are, where the words do not say it.
must_check bool template_words(struct label_parser *p);
// The rectangle with this id, in the units of the drawing.
must_check bool template_box(struct label_parser *p, const xmlNode *node, const char *id,
                             struct label_box *box);
// Lengths of attributes; 0 where absent.
must_check bool template_lengths(struct label_parser *p, const xmlNode *node,
                                 const char *const *names, double *values, int count);

must_check bool template_shape(struct label_parser *p, const xmlNode *node, const char *name,
                               const struct svg_style *style);
must_check bool template_code(struct label_parser *p, const xmlNode *node,
                              const struct svg_style *style, enum label_code_kind code);
// Whether this is the id of a cell: cell-1, cell-2 …; the place of it in `index`, from 0.
bool template_is_cell(const char *id, int *index);
must_check bool template_cell(struct label_parser *p, const xmlNode *node,
                              const struct svg_style *style, int index);
must_check bool template_text(struct label_parser *p, const xmlNode *node,
                              const struct svg_style *style);
// Marks what is still; when all is read.
void template_still(struct label_template *t);
