#pragma once
#include <stdbool.h>

#include "base/compiler.h"
#include "label/raster.h"

// A picture of dots in the languages printers speak. Nothing but the picture and its size goes into
// the stream: whatever a label says, it can say it to people only.

struct buf;

// Widest paper of the rolls that ESC/POS printers take.
enum { LABEL_ESCPOS_MM = 104 };

// ZPL II: one graphic field, deflated and in base64 (:Z64:), with its checksum; one copy.
must_check bool label_raster_zpl(const struct label_raster *raster, double dots_per_mm,
                                 struct buf *out);
// TSPL: labels that lie 3 mm apart, one bitmap, one copy.
must_check bool label_raster_tspl(const struct label_raster *raster, double dots_per_mm,
                                  struct buf *out);
// ESC/POS: bands of dots one below the other, then a cut. False when wider than LABEL_ESCPOS_MM.
must_check bool label_raster_escpos(const struct label_raster *raster, double dots_per_mm,
                                    struct buf *out);
