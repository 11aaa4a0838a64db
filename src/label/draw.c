#include "label/draw.h"

#include <endian.h>
#include <math.h>

#include "label/raster.h"
#include "label/text.h"

// --- shapes and text -----------------------------------------------------------------------------

static void draw_shape(cairo_t *cr, const struct label_op *op, const struct label_box *box,
                       double more)
{
    cairo_path_t path = {CAIRO_STATUS_SUCCESS, op->path, op->path_count};
    cairo_save(cr);
    if (more > 0) { // the outline grows, the pen does not
        cairo_translate(cr, 0, box->y);
        cairo_scale(cr, 1, 1 + more / box->height);
        cairo_translate(cr, 0, -box->y);
    }
    cairo_append_path(cr, &path);
    cairo_restore(cr);
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

static const char *text_of(const struct label_op *op, const char *const *field)
{
    const char *text = op->text ? op->text : field[op->field];
    return text ? text : "";
}

static void draw_text(cairo_t *cr, const struct label_op *op, const char *const *field, double more,
                      struct label_pen *pen)
{
    struct label_op grown = *op;
    const char *text = text_of(op, field);
    if (!*text)
        return;
    cairo_save(cr);
    cairo_transform(cr, &op->matrix);
    grown.box.height += more / op->matrix.yy;
    if (op->kind == LABEL_OP_TEXT)
        label_text_line(pen, cr, op, text);
    else
        label_text_frame(pen, cr, &grown, text);
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

void label_draw(cairo_t *cr, const struct label_template *t, int band, const char *const *field,
                double more, bool dots)
{
    struct label_pen *pen = label_pen_get(dots);
    for (int i = 0; i < t->count; i++) {
        const struct label_op *op = &t->ops[i];
        if (op->band != band || op->kind == LABEL_OP_CODE)
            continue;
        set_ink(cr, op, dots);
        if (op->kind == LABEL_OP_FILL || op->kind == LABEL_OP_STROKE)
            draw_shape(cr, op, &t->bands[band], more);
        else
            draw_text(cr, op, field, more, pen);
    }
}

double label_draw_more(const struct label_template *t, int band, const char *const *field)
{
    struct label_pen *pen = label_pen_get(false);
    double more = 0;
    for (int i = 0; i < t->count; i++) {
        const struct label_op *op = &t->ops[i];
        if (op->band != band || op->kind != LABEL_OP_FRAME || !*text_of(op, field))
            continue;
        double room = label_text_room(pen, op, text_of(op, field));
        more = fmax(more, (room - op->box.height) * op->matrix.yy);
    }
    return more;
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

static bool draw_code(const struct label_template *t, const struct label_op *op, const char *text,
                      const struct label_codes *codes, struct label_fault *fault)
{
    static const char *const names[] = {"qr", "qr_short", "code128"};
    struct label_symbol symbol;
    struct label_place place;
    struct label_box box = op->box;
    box.y += codes->down;
    if (!text || !symbol_make(&symbol, op->code, text)) {
        label_fault_set(fault, 0, "%s: the code %s cannot be made", t->name, names[op->code]);
        return false;
    }
    bool fits = label_symbol_place(&symbol, &box, codes->dots_per_mm, &place);
    if (fits)
        codes->draw(codes->arg, &symbol, &place);
    else
        label_fault_set(fault, 0, "%s: the rectangle %s is too small for its code at %.0f dpi",
                        t->name, names[op->code], codes->dots_per_mm * 25.4);
    label_symbol_finish(&symbol);
    return fits;
}

bool label_draw_codes(const struct label_template *t, int band, const char *const *code,
                      const struct label_codes *codes, struct label_fault *fault)
{
    for (int i = 0; i < t->count; i++) {
        const struct label_op *op = &t->ops[i];
        if (op->kind == LABEL_OP_CODE && op->band == band &&
            !(codes->optional && !code[op->code]) &&
            !draw_code(t, op, code[op->code], codes, fault))
            return false;
    }
    return true;
}

void label_symbol_in_dots(void *arg, const struct label_symbol *symbol,
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
void label_symbol_in_mask(void *arg, const struct label_symbol *symbol,
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
void label_symbol_in_outline(void *arg, const struct label_symbol *symbol,
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
