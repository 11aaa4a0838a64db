#pragma once
#include "base/buf.h"
#include "label/render.h"

// The page that shows what a printer can do: who it is, lines of whole dots, a ruler of 40 mm, and
// QR and Code 128 with more and more dots a module. A code says which page it is of, its kind and
// its module in dots: T12345678Q3, T12345678B3; read back, it tells what came out well
// (label.test_scan). As wide and high as the printer's paper; what has no room is left out.

struct test_page {
    const char *printer, *unit, *code; // code: eight digits
    int dpi;
    const struct label_template *paper;
};

// Thread-safe. `fault` tells what did not work.
must_check bool test_page_draw(const struct test_page *page, enum label_format format,
                               struct buf *out, struct label_fault *fault);
