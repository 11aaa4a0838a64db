#pragma once
#include <cairo.h>
#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "label/svg.h"
#include "label/template.h"

// How an element looks: presentation attributes and the style attribute, inherited as CSS does.
// Properties that change nothing on a label are passed over; those that would, and are not
// supported, are faults.

struct svg_style {
    cairo_matrix_t matrix; // to millimetres
    struct svg_colour fill, stroke;
    double stroke_width;
    cairo_line_cap_t cap;
    cairo_line_join_t join;
    bool even_odd, hidden, italic;
    char family[64];
    double size, line;
    int weight;
    enum label_align align, valign;
    char frame[64]; // shape-inside; not inherited
};

void style_init(struct svg_style *style);
must_check bool style_read(const xmlNode *node, const struct svg_style *parent,
                           struct svg_style *out, struct label_fault *fault);
bool style_same_type(const struct svg_style *a, const struct svg_style *b);

// False when absent; cut at `size`. Without a namespace only.
bool style_attribute(const xmlNode *node, const char *name, char *out, size_t size);
// Runs of blanks become one, none at the ends; in place.
char *style_collapse(char *text);
