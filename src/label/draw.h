#pragma once
#include <cairo.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "label/symbol.h"
#include "label/template.h"

// Draws the things of one band of a template (0: those of none), in millimetres as they stand in
// the drawing, with these values for its slots.

enum label_ink {
    LABEL_INK,        // all, in its colours
    LABEL_INK_DOTS,   // all, ink or none, for a surface of 8 bits
    LABEL_INK_STILL,  // what is the same on every label (label/still.h)
    LABEL_INK_MOVING, // what stands above that
};

// more: by how much the band is drawn higher than in the drawing: its lines and frames grow with
// it.
void label_draw(cairo_t *cr, const struct label_template *t, int band, const char *const *field,
                double more, enum label_ink ink);
// How much higher the band must be for every text to be set whole and in its own size.
double label_draw_more(const struct label_template *t, int band, const char *const *field);

typedef void label_draw_symbol(void *arg, const struct label_symbol *symbol,
                               const struct label_place *place);

struct label_codes {
    double dots_per_mm;
    double right, down; // millimetres from where the drawing has them
    bool optional;      // what has no text is left out
    label_draw_symbol *draw;
    void *arg;
};
must_check bool label_draw_codes(const struct label_template *t, int band, const char *const *code,
                                 const struct label_codes *codes, struct label_fault *fault);

// A whole page, in millimetres; what stands outside its bands. First the drawing, then the codes.
// `still` was made for its template; NULL: all is drawn here.
struct label_still;
void label_draw_page(cairo_t *cr, const struct label_page *page, const struct label_still *still,
                     enum label_ink ink);
must_check bool label_draw_page_codes(const struct label_page *page, struct label_codes codes,
                                      struct label_fault *fault);

// Into a raster; as a mask and as an outline, with a cairo whose units are dots.
void label_symbol_in_dots(void *raster, const struct label_symbol *symbol,
                          const struct label_place *place);
void label_symbol_in_mask(void *cr, const struct label_symbol *symbol,
                          const struct label_place *place);
void label_symbol_in_outline(void *cr, const struct label_symbol *symbol,
                             const struct label_place *place);
