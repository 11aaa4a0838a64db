#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

// QR and Code 128 as grids of modules (libqrencode, libzint), and where a grid goes on paper: in
// the middle of its region, every module the same whole number of device dots, as large as fits
// with the quiet zone inside the region. A module is never scaled, so a code that does not fit is
// an error of the template, not a small code.

enum label_symbol_kind { LABEL_SYMBOL_QR, LABEL_SYMBOL_CODE128 };
enum label_qr_level { LABEL_QR_Q, LABEL_QR_H };

enum { LABEL_SYMBOL_SIDE = 320 };

struct label_symbol {
    enum label_symbol_kind kind;
    int width, height; // modules; the height of a Code 128 is 1 row, of a turned one its width
    uint8_t *dark;     // a byte a module, row by row
};

// Text of QR's alphanumeric set; the smallest version that holds it, at least `version`.
must_check bool label_symbol_qr(struct label_symbol *symbol, const char *text,
                                enum label_qr_level level, int version);
must_check bool label_symbol_code128(struct label_symbol *symbol, const char *text);
void label_symbol_finish(struct label_symbol *symbol);

// A Code 128 that runs down the page instead of across it.
void label_symbol_turn(struct label_symbol *symbol);

// Every run of dark modules, row by row.
typedef void label_run(void *arg, int x, int y, int length);
void label_symbol_runs(const struct label_symbol *symbol, label_run *run, void *arg);

struct label_box { // millimetres
    double x, y, width, height;
};

struct label_place { // dots
    int x, y;        // of the first module, without the quiet zone
    int module;      // dots a module across
    int row;         // dots a row down
};

// False when the region is too small: QR modules below 0.33 mm, Code 128 modules below 0.33 mm, or
// bars below 9 mm or 15 % of the symbol's width.
must_check bool label_symbol_place(const struct label_symbol *symbol, const struct label_box *box,
                                   double dots_per_mm, struct label_place *place);
