#include "label/render.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/metrics.h"
#include "label/text.h"

static const double points_per_mm = 72 / 25.4;

// --- shapes and text -----------------------------------------------------------------------------

static void draw_shape(cairo_t *cr, const struct label_op *op)
{
    cairo_path_t path = {CAIRO_STATUS_SUCCESS, op->path, op->path_count};
    cairo_append_path(cr, &path);
    if (op->kind == LABEL_OP_FILL) {
        cairo_set_fill_rule(cr, op->even_odd ? CAIRO_FILL_RULE_EVEN_ODD : CAIRO_FILL_RULE_WINDING);
        cairo_fill(cr);
    } else {
        cairo_set_line_width(cr, op->width);
        cairo_set_line_cap(cr, op->cap);
        cairo_set_line_join(cr, op->join);
        cairo_stroke(cr);
    }
}

static void draw_text(cairo_t *cr, const struct label_op *op, const struct label_data *data,
                      struct label_pen *pen)
{
    const char *text = op->text ? op->text : data->field[op->field];
    if (!text || !*text)
        return;
    cairo_save(cr);
    cairo_transform(cr, &op->matrix);
    if (op->kind == LABEL_OP_TEXT)
        label_text_line(pen, cr, op, text);
    else
        label_text_frame(pen, cr, op, text);
    cairo_restore(cr);
}

// Dots are ink or they are not; on paper what is light takes ink away. ADD of full ink is OVER, and
// the one pixman does fast on a surface of 8 bits.
static void set_ink(cairo_t *cr, const struct label_op *op, bool dots)
{
    if (!dots) {
        cairo_set_source_rgb(cr, op->red, op->green, op->blue);
        return;
    }
    bool light = 0.299 * op->red + 0.587 * op->green + 0.114 * op->blue >= 0.5;
    cairo_set_operator(cr, light ? CAIRO_OPERATOR_DEST_OUT : CAIRO_OPERATOR_ADD);
    cairo_set_source_rgb(cr, 0, 0, 0);
}

// Everything but the codes, in millimetres.
static void draw_page(cairo_t *cr, const struct label_template *t, const struct label_data *data,
                      bool dots)
{
    struct label_pen *pen = label_pen_get(dots);
    for (int i = 0; i < t->count; i++) {
        const struct label_op *op = &t->ops[i];
        set_ink(cr, op, dots);
        if (op->kind == LABEL_OP_FILL || op->kind == LABEL_OP_STROKE)
            draw_shape(cr, op);
        else if (op->kind != LABEL_OP_CODE)
            draw_text(cr, op, data, pen);
    }
}

// --- codes ---------------------------------------------------------------------------------------

static bool symbol_make(struct label_symbol *symbol, enum label_code_kind kind, const char *text)
{
    switch (kind) {
    case LABEL_CODE128:
        return label_symbol_code128(symbol, text);
    case LABEL_QR:
        return label_symbol_qr(symbol, text, LABEL_QR_Q, 8);
    default:
        return label_symbol_qr(symbol, text, LABEL_QR_H, 1);
    }
}

typedef void draw_symbol(void *arg, const struct label_symbol *symbol,
                         const struct label_place *place);

static bool draw_codes(const struct label_template *t, const struct label_data *data,
                       double dots_per_mm, draw_symbol *draw, void *arg, struct label_fault *fault)
{
    static const char *const names[] = {"qr", "qr_short", "code128"};
    for (int i = 0; i < t->count; i++) {
        const struct label_op *op = &t->ops[i];
        struct label_symbol symbol;
        struct label_place place;
        if (op->kind != LABEL_OP_CODE)
            continue;
        if (!data->code[op->code] || !symbol_make(&symbol, op->code, data->code[op->code])) {
            label_fault_set(fault, 0, "%s: the code %s cannot be made", t->name, names[op->code]);
            return false;
        }
        bool fits = label_symbol_place(&symbol, &op->box, dots_per_mm, &place);
        if (fits)
            draw(arg, &symbol, &place);
        label_symbol_finish(&symbol);
        if (!fits) {
            label_fault_set(fault, 0, "%s: the rectangle %s is too small for its code at %.0f dpi",
                            t->name, names[op->code], dots_per_mm * 25.4);
            return false;
        }
    }
    return true;
}

static void symbol_in_dots(void *arg, const struct label_symbol *symbol,
                           const struct label_place *place)
{
    for (int y = 0; y < symbol->height; y++) {
        const uint8_t *row = symbol->dark + (size_t)y * (size_t)symbol->width;
        for (int x = 0, run; x < symbol->width; x += run) {
            for (run = 1; x + run < symbol->width && row[x + run] == row[x];)
                run++;
            if (row[x])
                label_raster_fill(arg, place->x + x * place->module, place->y + y * place->row,
                                  run * place->module, place->row, true);
        }
    }
}

// One bit a module; the page's grid is that of the printer.
static void symbol_in_mask(void *arg, const struct label_symbol *symbol,
                           const struct label_place *place)
{
    cairo_t *cr = arg;
    cairo_surface_t *mask =
        cairo_image_surface_create(CAIRO_FORMAT_A1, symbol->width, symbol->height);
    int stride = cairo_image_surface_get_stride(mask);
    uint8_t *bits = cairo_image_surface_get_data(mask);
    for (int i = 0; bits && i < symbol->width * symbol->height; i++) {
        int x = i % symbol->width;
        uint32_t bit = BYTE_ORDER == LITTLE_ENDIAN ? 1u << x % 8 : 0x80u >> x % 8;
        if (symbol->dark[i])
            bits[i / symbol->width * stride + x / 8] |= (uint8_t)bit;
    }
    cairo_surface_mark_dirty(mask);
    cairo_pattern_t *pattern = cairo_pattern_create_for_surface(mask);
    cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST);
    cairo_save(cr);
    cairo_translate(cr, place->x, place->y);
    cairo_scale(cr, place->module, place->row);
    cairo_mask(cr, pattern);
    cairo_restore(cr);
    cairo_pattern_destroy(pattern);
    cairo_surface_destroy(mask);
}

// One outline of runs: nothing for a browser to smooth, no seams between modules.
static void symbol_in_outline(void *arg, const struct label_symbol *symbol,
                              const struct label_place *place)
{
    cairo_t *cr = arg;
    for (int y = 0; y < symbol->height; y++) {
        const uint8_t *row = symbol->dark + (size_t)y * (size_t)symbol->width;
        for (int x = 0, run; x < symbol->width; x += run) {
            for (run = 1; x + run < symbol->width && row[x + run] == row[x];)
                run++;
            if (row[x])
                cairo_rectangle(cr, place->x + x * place->module, place->y + y * place->row,
                                run * place->module, place->row);
        }
    }
    cairo_fill(cr);
}

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
    draw_page(cr, t, data, true);
    raster_take(out, surface);
    bool ok =
        cairo_done(cr, surface, fault) && draw_codes(t, data, dots, symbol_in_dots, out, fault);
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
                        cairo_surface_t *surface, draw_symbol *draw, struct label_fault *fault)
{
    cairo_t *cr = cairo_create(surface);
    cairo_save(cr);
    cairo_scale(cr, points_per_mm, points_per_mm);
    draw_page(cr, t, data, false);
    cairo_restore(cr);
    cairo_scale(cr, points_per_mm / dots, points_per_mm / dots);
    cairo_set_source_rgb(cr, 0, 0, 0);
    bool ok = draw_codes(t, data, dots, draw, cr, fault);
    return cairo_done(cr, surface, fault) && ok;
}

static bool render_pdf(const struct label_template *t, const struct label_data *data, double dots,
                       struct buf *out, struct label_fault *fault)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        put, out, t->width * points_per_mm, t->height * points_per_mm);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, data->field[LABEL_number]);
    return render_page(t, data, dots, surface, symbol_in_mask, fault);
}

// In points, not millimetres: cairo keeps outlines of letters to 1/64 of a unit.
static bool render_svg(const struct label_template *t, const struct label_data *data, double dots,
                       struct buf *out, struct label_fault *fault)
{
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(
        put, out, t->width * points_per_mm, t->height * points_per_mm);
    return render_page(t, data, dots, surface, symbol_in_outline, fault);
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
