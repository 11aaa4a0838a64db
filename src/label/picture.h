#pragma once
#include "base/buf.h"
#include "label/render.h"

// A picture of dots as a document of its own, in a format that has dots: no SVG. In PDF the page is
// as large as the picture at this dpi, so that its dots are the printer's.
must_check bool label_picture(const struct label_raster *raster, int dpi, enum label_format format,
                              struct buf *out);
