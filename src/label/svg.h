#pragma once
#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

// The small grammars inside SVG attributes: numbers, lengths, colours, transforms and path data.
// Pure. Numbers do not depend on the locale. All return false for what they do not understand.

struct svg_colour {
    bool none;
    double red, green, blue;
};

// A number, "12px" or "3.5mm", in user units (96 px an inch, as CSS has it).
must_check bool svg_length(const char *text, double *out);
// "100mm", "10cm" or "4in", in millimetres; a unit is required.
must_check bool svg_millimetres(const char *text, double *out);
must_check bool svg_colour(const char *text, struct svg_colour *out);
// A list of matrix, translate, scale, rotate, skewX, skewY.
must_check bool svg_transform(const char *text, cairo_matrix_t *out);
// Exactly `count` numbers.
must_check bool svg_numbers(const char *text, double *out, int count);

// Outlines as cairo keeps them, points already carried through `matrix`.
enum { SVG_OUTLINE_MAX = 40000 };

struct svg_outline {
    cairo_matrix_t matrix;
    cairo_path_data_t *data;
    int count, cap;
    bool full; // more than SVG_OUTLINE_MAX: refused
};

void svg_outline_finish(struct svg_outline *outline);
void svg_move(struct svg_outline *outline, double x, double y);
void svg_line(struct svg_outline *outline, double x, double y);
void svg_curve(struct svg_outline *outline, const double to[6]);
void svg_close(struct svg_outline *outline);
void svg_rect(struct svg_outline *outline, double x, double y, double width, double height,
              double rx, double ry);
void svg_ellipse(struct svg_outline *outline, double cx, double cy, double rx, double ry);
must_check bool svg_path(struct svg_outline *outline, const char *d);
must_check bool svg_points(struct svg_outline *outline, const char *points, bool close);

// For the parsers of this folder: the next number, with the blanks and the comma before it.
must_check bool svg_next_number(const char **at, double *out);
const char *svg_skip(const char *at); // blanks and commas
