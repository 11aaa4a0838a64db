#pragma once
#include <cairo.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "label/template.h"

// Sets text with pango: as text, never as markup. Every thread keeps two pens of its own, one that
// fits letters to a printer's dots and one for outlines, so the fonts are found once a thread.
// Type is measured at one size and scaled with the drawing: a new size costs no look-up of fonts.

struct label_pen;

// The calling thread's pen; freed when the thread ends.
struct label_pen *label_pen_get(bool dots);
// Frees the pens of the calling thread (the main thread does it before it ends).
void label_pen_drop(void);

// Whether this family is installed, or another would stand in for it.
bool label_text_has(const char *family);

// How high its frame must be for the text to be set as in the template, in units of op->matrix.
double label_text_room(struct label_pen *pen, const struct label_op *op, const char *text);
// One line at (op->x, op->y) of the base line.
void label_text_line(struct label_pen *pen, cairo_t *cr, const struct label_op *op,
                     const char *text);
// Inside op->box, whatever the text: as set in the template; else smaller, down to 70 %, and in as
// many lines as the frame then has; else cut with an ellipsis. Nothing is drawn outside the frame.
void label_text_frame(struct label_pen *pen, cairo_t *cr, const struct label_op *op,
                      const char *text);
