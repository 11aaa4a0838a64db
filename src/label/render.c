#include "label/render.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/metrics.h"
#include "label/draw.h"

static const double points_per_mm = 72 / 25.4;

// --- formats -------------------------------------------------------------------------------------

static void raster_take(struct label_raster *out, cairo_surface_t *surface)
{
    cairo_surface_flush(surface);
    const uint8_t *from = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    for (int y = 0; y < out->height; y++, from += stride) {
        uint8_t *row = out->data + (size_t)y * (size_t)out->stride;
        for (int x = 0; x < out->width; x += 8) {
            uint64_t eight = 0;
            memcpy(&eight, from + x, (size_t)(out->width - x < 8 ? out->width - x : 8));
            eight = le64toh(eight);
            eight = eight >> 7 & 0x0101010101010101u;
            row[x / 8] = (uint8_t)(eight * 0x8040201008040201u >> 56);
        }
    }
}

static bool cairo_done(cairo_t *cr, cairo_surface_t *surface, struct label_fault *fault)
{
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS && !fault->text[0])
        label_fault_set(fault, 0, "cairo: %s", cairo_status_to_string(status));
    return status == CAIRO_STATUS_SUCCESS;
}

bool label_render_raster(const struct label_template *t, const struct label_data *data, int dpi,
                         struct label_raster *out, struct label_fault *fault)
{
    double dots = label_dots_per_mm(dpi);
    *fault = (struct label_fault){0};
    if (!label_raster_init(out, (int)lround(t->width * dots), (int)lround(t->height * dots))) {
        label_fault_set(fault, 0, "%s: the page has no picture of %d dpi", t->name, dpi);
        return false;
    }
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, out->width, out->height);
    cairo_t *cr = cairo_create(surface);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
    cairo_scale(cr, dots, dots);
    label_draw(cr, t, 0, data->field, 0, true);
    raster_take(out, surface);
    struct label_codes codes = {dots, .draw = label_symbol_in_dots, .arg = out};
    bool ok = cairo_done(cr, surface, fault) && label_draw_codes(t, 0, data->code, &codes, fault);
    if (!ok)
        label_raster_finish(out);
    return ok;
}

static cairo_status_t put(void *out, const unsigned char *data, unsigned len)
{
    buf_add(out, data, len);
    return CAIRO_STATUS_SUCCESS;
}

static bool render_page(const struct label_template *t, const struct label_data *data, double dots,
                        cairo_surface_t *surface, label_draw_symbol *draw,
                        struct label_fault *fault)
{
    cairo_t *cr = cairo_create(surface);
    cairo_save(cr);
    cairo_scale(cr, points_per_mm, points_per_mm);
    label_draw(cr, t, 0, data->field, 0, false);
    cairo_restore(cr);
    cairo_scale(cr, points_per_mm / dots, points_per_mm / dots);
    cairo_set_source_rgb(cr, 0, 0, 0);
    struct label_codes codes = {dots, .draw = draw, .arg = cr};
    bool ok = label_draw_codes(t, 0, data->code, &codes, fault);
    return cairo_done(cr, surface, fault) && ok;
}

static bool render_pdf(const struct label_template *t, const struct label_data *data, double dots,
                       struct buf *out, struct label_fault *fault)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        put, out, t->width * points_per_mm, t->height * points_per_mm);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, data->field[LABEL_number]);
    return render_page(t, data, dots, surface, label_symbol_in_mask, fault);
}

// In points, not millimetres: cairo keeps outlines of letters to 1/64 of a unit.
static bool render_svg(const struct label_template *t, const struct label_data *data, double dots,
                       struct buf *out, struct label_fault *fault)
{
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(
        put, out, t->width * points_per_mm, t->height * points_per_mm);
    return render_page(t, data, dots, surface, label_symbol_in_outline, fault);
}

static bool render_png(const struct label_template *t, const struct label_data *data, int dpi,
                       struct buf *out, struct label_fault *fault)
{
    struct label_raster raster;
    if (!label_render_raster(t, data, dpi, &raster, fault))
        return false;
    bool ok = label_raster_png(&raster, label_dots_per_mm(dpi), out);
    label_raster_finish(&raster);
    if (!ok)
        label_fault_set(fault, 0, "%s: the PNG cannot be written", t->name);
    return ok;
}

bool label_render(const struct label_template *t, const struct label_data *data, int dpi,
                  enum label_format format, struct buf *out, struct label_fault *fault)
{
    double dots = label_dots_per_mm(dpi);
    *fault = (struct label_fault){0};
    if (dots == 0) {
        label_fault_set(fault, 0, "a printer has 203, 300 or 600 dpi, not %d", dpi);
        return false;
    }
    bool ok = format == LABEL_PNG   ? render_png(t, data, dpi, out, fault)
              : format == LABEL_PDF ? render_pdf(t, data, dots, out, fault)
                                    : render_svg(t, data, dots, out, fault);
    if (ok)
        metric_add(METRIC_labels_rendered, 1);
    return ok;
}

// --- names ---------------------------------------------------------------------------------------

static const struct {
    const char *name, *type;
} formats[] = {
    [LABEL_PDF] = {"pdf", "application/pdf"},
    [LABEL_PNG] = {"png", "image/png"},
    [LABEL_SVG] = {"svg", "image/svg+xml"},
};

enum label_format label_format_named(const char *name)
{
    int i = 0;
    while (i < LABEL_FORMAT_COUNT && strcmp(formats[i].name, name) != 0)
        i++;
    return (enum label_format)i;
}

const char *label_format_name(enum label_format format)
{
    return formats[format].name;
}

const char *label_format_type(enum label_format format)
{
    return formats[format].type;
}
