#include "label/draw.h"

#include <endian.h>
#include <math.h>

#include "label/raster.h"
#include "label/still.h"
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
                double more, enum label_ink ink)
{
    struct label_pen *pen = label_pen_get(ink == LABEL_INK_DOTS);
    for (int i = 0; i < t->count; i++) {
        const struct label_op *op = &t->ops[i];
        bool skipped = op->still ? ink == LABEL_INK_MOVING : ink == LABEL_INK_STILL;
        if (op->band != band || op->kind == LABEL_OP_CODE || skipped)
            continue;
        set_ink(cr, op, ink == LABEL_INK_DOTS);
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
    box.x += codes->right;
    box.y += codes->down;
    if (!text || !symbol_make(&symbol, op->code, text)) {
        label_fault_set(fault, 0, "%s: the code %s cannot be made", t->name, names[op->code]);
        return false;
    }
    if (op->code == LABEL_CODE128 && box.height > box.width)
        label_symbol_turn(&symbol);
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

// --- pages ---------------------------------------------------------------------------------------

static const struct label_data *label_at(const struct label_page *page, int place)
{
    return place < page->count ? page->labels[place] : NULL;
}

static void draw_whole(cairo_t *cr, const struct label_template *t, const char *const *field,
                       const struct label_still *still, int index, enum label_ink ink)
{
    if (still)
        label_still_draw(still, index, cr);
    label_draw(cr, t, 0, field, 0, still ? LABEL_INK_MOVING : ink);
}

void label_draw_page(cairo_t *cr, const struct label_page *page, const struct label_still *still,
                     enum label_ink ink)
{
    static const char *const nothing[LABEL_FIELDS_MAX];
    const struct label_data *only = page->t->cells ? NULL : label_at(page, 0);
    draw_whole(cr, page->t, only ? only->field : nothing, still, 0, ink);
    for (int i = 0; i < page->t->cells; i++) {
        const struct label_cell *cell = &page->t->cell[i];
        if (!label_at(page, i))
            continue;
        cairo_save(cr);
        cairo_translate(cr, cell->x, cell->y);
        draw_whole(cr, cell->t, label_at(page, i)->field, still, 1 + i, ink);
        cairo_restore(cr);
    }
}

bool label_draw_page_codes(const struct label_page *page, struct label_codes codes,
                           struct label_fault *fault)
{
    if (!page->t->cells)
        return !label_at(page, 0) ||
               label_draw_codes(page->t, 0, label_at(page, 0)->code, &codes, fault);
    for (int i = 0; i < page->t->cells; i++) {
        const struct label_cell *cell = &page->t->cell[i];
        codes.right = cell->x;
        codes.down = cell->y;
        if (label_at(page, i) &&
            !label_draw_codes(cell->t, 0, label_at(page, i)->code, &codes, fault))
            return false;
    }
    return true;
}

// --- symbols -------------------------------------------------------------------------------------

// Where the runs of a symbol are drawn.
struct pen {
    void *on;
    const struct label_place *place;
};

static void dots_run(void *arg, int x, int y, int length)
{
    const struct pen *pen = arg;
    const struct label_place *p = pen->place;
    label_raster_fill(pen->on, p->x + x * p->module, p->y + y * p->row, length * p->module, p->row,
                      true);
}

void label_symbol_in_dots(void *arg, const struct label_symbol *symbol,
                          const struct label_place *place)
{
    struct pen pen = {arg, place};
    label_symbol_runs(symbol, dots_run, &pen);
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

static void outline_run(void *arg, int x, int y, int length)
{
    const struct pen *pen = arg;
    const struct label_place *p = pen->place;
    cairo_rectangle(pen->on, p->x + x * p->module, p->y + y * p->row, length * p->module, p->row);
}

// One outline of runs: nothing for a browser to smooth, no seams between modules.
void label_symbol_in_outline(void *arg, const struct label_symbol *symbol,
                             const struct label_place *place)
{
    struct pen pen = {arg, place};
    label_symbol_runs(symbol, outline_run, &pen);
    cairo_fill(arg);
}
