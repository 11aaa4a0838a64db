#pragma once
#include <cairo.h>

#include "label/template.h"

// What is the same on every label of a document, recorded once: a PDF of many pages then has it
// once as well, and each page refers to it. For one document and one thread.

struct label_still;

// Of the template's own drawing and of those in its cells, without bands.
struct label_still *label_still_create(const struct label_template *t);
void label_still_destroy(struct label_still *still); // also NULL
// The drawing (0) or what is in a cell (from 1), with a cairo in millimetres. Each once a page: of
// one that a page has twice, cairo names the resource twice.
void label_still_draw(const struct label_still *still, int index, cairo_t *cr);
