#pragma once
#include <stdbool.h>

#include "base/compiler.h"
#include "label/raster.h"
#include "label/template.h"

// Draws a label: a compiled template, the values of one shipment, the printer's resolution. Codes
// keep to the grid of dots in every format: as dots in the raster, as one-bit masks whose module is
// a whole number of dots in PDF, as one outline in SVG. Thread-safe; a page never waits for
// another. ZPL, TSPL and ESC/POS hold the dots of the PNG (label/language.h).

enum label_format {
    LABEL_PDF,
    LABEL_PNG,
    LABEL_SVG,
    LABEL_ZPL,
    LABEL_TSPL,
    LABEL_ESCPOS,
    LABEL_FORMAT_COUNT
};

// LABEL_FORMAT_COUNT for any other name.
enum label_format label_format_named(const char *name);
const char *label_format_name(enum label_format format);
const char *label_format_type(enum label_format format); // media type
// Whether such printers take paper as wide as the template's page.
bool label_format_fits(enum label_format format, const struct label_template *t);

// The 1-bit picture every printer language is made from. `fault` tells what did not fit.
must_check bool label_render_page_raster(const struct label_page *page, int dpi,
                                         struct label_raster *out, struct label_fault *fault);
must_check bool label_render_page(const struct label_page *page, int dpi, enum label_format format,
                                  struct buf *out, struct label_fault *fault);

// The same with one label: alone, or in the first cell of a sheet.
must_check bool label_render_raster(const struct label_template *t, const struct label_data *data,
                                    int dpi, struct label_raster *out, struct label_fault *fault);
must_check bool label_render(const struct label_template *t, const struct label_data *data, int dpi,
                             enum label_format format, struct buf *out, struct label_fault *fault);

// Labels of any count in one PDF 1.4, as many on a page as it holds, for label/pdf_join.h. False,
// and nothing added, when one of them cannot be drawn.
must_check bool label_render_document(const struct label_page *all, int dpi, struct buf *out,
                                      struct label_fault *fault);
// Whether its codes can be drawn where the template has them.
must_check bool label_render_fits(const struct label_template *t, const struct label_data *data,
                                  int dpi, struct label_fault *fault);
