#include "label/picture.h"

#include <cairo-pdf.h>
#include <string.h>

#include "label/language.h"

static cairo_status_t put(void *out, const unsigned char *data, unsigned len)
{
    buf_add(out, data, len);
    return CAIRO_STATUS_SUCCESS;
}

static unsigned char mirrored(unsigned char byte)
{
    byte = (unsigned char)((byte & 0xf0) >> 4 | (byte & 0x0f) << 4);
    byte = (unsigned char)((byte & 0xcc) >> 2 | (byte & 0x33) << 2);
    return (unsigned char)((byte & 0xaa) >> 1 | (byte & 0x55) << 1);
}

// cairo has the leftmost dot in the lowest bit on such machines.
static cairo_surface_t *mask_of(const struct label_raster *raster)
{
    cairo_surface_t *mask =
        cairo_image_surface_create(CAIRO_FORMAT_A1, raster->width, raster->height);
    int stride = cairo_image_surface_get_stride(mask);
    unsigned char *bits = cairo_image_surface_get_data(mask);
    for (int y = 0; bits && y < raster->height; y++) {
        for (int i = 0; i < raster->stride && i < stride; i++) {
            unsigned char byte = raster->data[y * raster->stride + i];
            bits[y * stride + i] = BYTE_ORDER == LITTLE_ENDIAN ? mirrored(byte) : byte;
        }
    }
    cairo_surface_mark_dirty(mask);
    return mask;
}

static bool picture_pdf(const struct label_raster *raster, double dots, struct buf *out)
{
    double points = 72 / 25.4 / dots;
    cairo_surface_t *page = cairo_pdf_surface_create_for_stream(put, out, raster->width * points,
                                                                raster->height * points);
    cairo_surface_t *mask = mask_of(raster);
    cairo_t *cr = cairo_create(page);
    cairo_scale(cr, points, points);
    cairo_pattern_t *pattern = cairo_pattern_create_for_surface(mask);
    cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST);
    cairo_mask(cr, pattern);
    cairo_pattern_destroy(pattern);
    cairo_surface_destroy(mask);
    bool ok = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cr);
    cairo_surface_finish(page);
    ok = ok && cairo_surface_status(page) == CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(page);
    return ok;
}

typedef bool encode(const struct label_raster *raster, double dots_per_mm, struct buf *out);

static encode *const encoders[LABEL_FORMAT_COUNT] = {
    [LABEL_PDF] = picture_pdf,
    [LABEL_PNG] = label_raster_png,
    [LABEL_ZPL] = label_raster_zpl,
    [LABEL_TSPL] = label_raster_tspl,
    [LABEL_ESCPOS] = label_raster_escpos,
};

bool label_picture(const struct label_raster *raster, int dpi, enum label_format format,
                   struct buf *out)
{
    return encoders[format] && encoders[format](raster, label_dots_per_mm(dpi), out);
}
