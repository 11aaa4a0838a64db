#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

// A picture of single dots, as a label printer prints it: rows of bytes, the leftmost dot in the
// highest bit, 1 is ink. Everything a printer gets is made from it: PNG here, and whatever other
// encoding a printer speaks.

struct buf;

struct label_raster {
    int width, height, stride; // dots, dots, bytes a row
    uint8_t *data;             // bits behind the width are 0
};

enum { LABEL_RASTER_SIDE_MAX = 8192 };

// White. False for sizes below 1 or above LABEL_RASTER_SIDE_MAX.
must_check bool label_raster_init(struct label_raster *raster, int width, int height);
void label_raster_finish(struct label_raster *raster);
// Both cut what lies outside.
void label_raster_fill(struct label_raster *raster, int x, int y, int width, int height, bool ink);
bool label_raster_dot(const struct label_raster *raster, int x, int y);

// 1-bit greyscale, with the resolution in pHYs. False when libpng refuses.
must_check bool label_raster_png(const struct label_raster *raster, double dots_per_mm,
                                 struct buf *out);

// The resolutions printers have: 203 dpi is 8 dots a millimetre exactly. 0 for any other.
double label_dots_per_mm(int64_t dpi);
