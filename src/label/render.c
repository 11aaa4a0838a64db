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
#include "label/language.h"
#include "label/still.h"

static const double points_per_mm = 72 / 25.4;

// --- dots ----------------------------------------------------------------------------------------

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

bool label_render_page_raster(const struct label_page *page, int dpi, struct label_raster *out,
                              struct label_fault *fault)
{
    const struct label_template *t = page->t;
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
    label_draw_page(cr, page, NULL, LABEL_INK_DOTS);
    raster_take(out, surface);
    struct label_codes codes = {dots, .draw = label_symbol_in_dots, .arg = out};
    bool ok = cairo_done(cr, surface, fault) && label_draw_page_codes(page, codes, fault);
    if (!ok)
        label_raster_finish(out);
    return ok;
}

// --- outlines and text ---------------------------------------------------------------------------

static cairo_status_t put(void *out, const unsigned char *data, unsigned len)
{
    buf_add(out, data, len);
    return CAIRO_STATUS_SUCCESS;
}

static void wrong_dpi(struct label_fault *fault, int dpi)
{
    label_fault_set(fault, 0, "a printer has 203, 300 or 600 dpi, not %d", dpi);
}

static bool draw_page(const struct label_page *page, const struct label_still *still, double dots,
                      cairo_t *cr, label_draw_symbol *draw, struct label_fault *fault)
{
    cairo_save(cr);
    cairo_scale(cr, points_per_mm, points_per_mm);
    label_draw_page(cr, page, still, LABEL_INK);
    cairo_restore(cr);
    cairo_save(cr);
    cairo_scale(cr, points_per_mm / dots, points_per_mm / dots);
    cairo_set_source_rgb(cr, 0, 0, 0);
    struct label_codes codes = {dots, .draw = draw, .arg = cr};
    bool ok = label_draw_page_codes(page, codes, fault);
    cairo_restore(cr);
    return ok;
}

static bool render_page(const struct label_page *page, double dots, cairo_surface_t *surface,
                        label_draw_symbol *draw, struct label_fault *fault)
{
    cairo_t *cr = cairo_create(surface);
    bool ok = draw_page(page, NULL, dots, cr, draw, fault);
    return cairo_done(cr, surface, fault) && ok;
}

// The number of its one label, or the name of the template.
static const char *title_of(const struct label_page *page)
{
    const struct label_data *first = page->count == 1 ? page->labels[0] : NULL;
    int number = label_word(page->t->fields, "number");
    return first && first->field[number] ? first->field[number] : page->t->name;
}

static bool render_pdf(const struct label_page *page, double dots, struct buf *out,
                       struct label_fault *fault)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        put, out, page->t->width * points_per_mm, page->t->height * points_per_mm);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title_of(page));
    return render_page(page, dots, surface, label_symbol_in_mask, fault);
}

static bool draw_pages(const struct label_page *all, double dots, cairo_t *cr,
                       struct label_fault *fault)
{
    int places = label_template_places(all->t);
    bool ok = true;
    struct label_still *still = label_still_create(all->t);
    for (int i = 0; ok && i < all->count; i += places) {
        int left = all->count - i;
        struct label_page page = {all->t, all->labels + i, left < places ? left : places};
        ok = draw_page(&page, still, dots, cr, label_symbol_in_mask, fault);
        cairo_show_page(cr);
    }
    label_still_destroy(still);
    return ok;
}

bool label_render_document(const struct label_page *all, int dpi, struct buf *out,
                           struct label_fault *fault)
{
    double dots = label_dots_per_mm(dpi);
    size_t before = out->len;
    *fault = (struct label_fault){0};
    if (dots == 0) {
        wrong_dpi(fault, dpi);
        return false;
    }
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        put, out, all->t->width * points_per_mm, all->t->height * points_per_mm);
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_4);
    cairo_t *cr = cairo_create(surface);
    bool ok = draw_pages(all, dots, cr, fault);
    ok = cairo_done(cr, surface, fault) && ok;
    if (ok)
        metric_add(METRIC_labels_rendered, all->count);
    else
        out->len = before;
    return ok;
}

static void draw_nothing(void *arg, const struct label_symbol *symbol,
                         const struct label_place *place)
{
    (void)arg, (void)symbol, (void)place;
}

bool label_render_fits(const struct label_template *t, const struct label_data *data, int dpi,
                       struct label_fault *fault)
{
    struct label_codes codes = {label_dots_per_mm(dpi), .draw = draw_nothing};
    *fault = (struct label_fault){0};
    return label_draw_page_codes(&(struct label_page){t, &data, 1}, codes, fault);
}

// In points, not millimetres: cairo keeps outlines of letters to 1/64 of a unit.
static bool render_svg(const struct label_page *page, double dots, struct buf *out,
                       struct label_fault *fault)
{
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(
        put, out, page->t->width * points_per_mm, page->t->height * points_per_mm);
    return render_page(page, dots, surface, label_symbol_in_outline, fault);
}

// --- formats -------------------------------------------------------------------------------------

typedef bool page_fn(const struct label_page *page, double dots, struct buf *out,
                     struct label_fault *fault);
typedef bool raster_fn(const struct label_raster *raster, double dots_per_mm, struct buf *out);

static const struct {
    const char *name, *type;
    page_fn *page;     // drawn as outlines and text
    raster_fn *raster; // or as dots
    int widest;        // millimetres; 0: any
} formats[] = {
    [LABEL_PDF] = {"pdf", "application/pdf", .page = render_pdf},
    [LABEL_PNG] = {"png", "image/png", .raster = label_raster_png},
    [LABEL_SVG] = {"svg", "image/svg+xml", .page = render_svg},
    [LABEL_ZPL] = {"zpl", "application/vnd.zebra-zpl", .raster = label_raster_zpl},
    [LABEL_TSPL] = {"tspl", "application/vnd.tsc-tspl", .raster = label_raster_tspl},
    [LABEL_ESCPOS] = {"escpos", "application/octet-stream", .raster = label_raster_escpos,
                      .widest = LABEL_ESCPOS_MM},
};

static bool render_dots(const struct label_page *page, int dpi, enum label_format format,
                        struct buf *out, struct label_fault *fault)
{
    struct label_raster raster;
    if (!label_render_page_raster(page, dpi, &raster, fault))
        return false;
    bool ok = formats[format].raster(&raster, label_dots_per_mm(dpi), out);
    label_raster_finish(&raster);
    if (!ok)
        label_fault_set(fault, 0, "%s: the %s cannot be written", page->t->name,
                        formats[format].name);
    return ok;
}

bool label_render_page(const struct label_page *page, int dpi, enum label_format format,
                       struct buf *out, struct label_fault *fault)
{
    double dots = label_dots_per_mm(dpi);
    *fault = (struct label_fault){0};
    if (dots == 0) {
        wrong_dpi(fault, dpi);
        return false;
    }
    if (!label_format_fits(format, page->t)) {
        label_fault_set(fault, 0, "%s: %s is for paper of at most %d mm", page->t->name,
                        formats[format].name, formats[format].widest);
        return false;
    }
    bool ok = formats[format].page ? formats[format].page(page, dots, out, fault)
                                   : render_dots(page, dpi, format, out, fault);
    if (ok)
        metric_add(METRIC_labels_rendered, page->count);
    return ok;
}

bool label_render_raster(const struct label_template *t, const struct label_data *data, int dpi,
                         struct label_raster *out, struct label_fault *fault)
{
    return label_render_page_raster(&(struct label_page){t, &data, 1}, dpi, out, fault);
}

bool label_render(const struct label_template *t, const struct label_data *data, int dpi,
                  enum label_format format, struct buf *out, struct label_fault *fault)
{
    return label_render_page(&(struct label_page){t, &data, 1}, dpi, format, out, fault);
}

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

bool label_format_fits(enum label_format format, const struct label_template *t)
{
    return formats[format].widest == 0 || t->width <= formats[format].widest;
}
