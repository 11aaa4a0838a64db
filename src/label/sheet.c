#include "label/sheet.h"

#include <cairo-pdf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/metrics.h"
#include "label/draw.h"
#include "label/raster.h"

enum { DPI = 600 };
static const double points_per_mm = 72 / 25.4;

const char *const sheet_bands[] = {
#define BAND_NAME(name, text) #name,
    SHEET_BANDS(BAND_NAME) NULL};

// The paper is laid out twice by the same walk: first without ink, to count the pages.
struct walk {
    const struct label_template *t;
    const struct sheet *sheet;
    struct label_fault *fault;
    cairo_t *cr; // NULL: without ink
    int page, pages, page_field;
    int first, next, head; // bands; head: of the table that stands on this page
    double y, top, bottom; // millimetres: where the next block goes, where pages begin and end
};

static bool codes_draw(struct walk *w, int band, double down)
{
    double dots = label_dots_per_mm(DPI);
    struct label_codes codes = {dots, 0, down, true, label_symbol_in_mask, w->cr};
    cairo_save(w->cr);
    cairo_scale(w->cr, 1 / dots, 1 / dots);
    cairo_set_source_rgb(w->cr, 0, 0, 0);
    bool ok = label_draw_codes(w->t, band, w->sheet->code, &codes, w->fault);
    cairo_restore(w->cr);
    return ok;
}

static bool band_draw(struct walk *w, int band, const char *const *field, double down, double more)
{
    if (!w->cr)
        return true;
    cairo_save(w->cr);
    cairo_translate(w->cr, 0, down);
    label_draw(w->cr, w->t, band, field, more, LABEL_INK);
    cairo_restore(w->cr);
    return codes_draw(w, band, down);
}

static bool page_begin(struct walk *w)
{
    char text[40];
    const char *field[LABEL_FIELDS_MAX];
    int head = w->page++ ? w->next : w->first;
    const struct label_box *box = &w->t->bands[head];
    memcpy(field, w->sheet->field, sizeof field);
    snprintf(text, sizeof text, "Trang %d/%d", w->page, w->pages);
    if (w->page_field >= 0)
        field[w->page_field] = text;
    if (w->page > 1 && w->cr)
        cairo_show_page(w->cr);
    w->y = w->top + box->height;
    w->head = 0;
    return band_draw(w, SHEET_BAND_PAGE, field, 0, 0) &&
           band_draw(w, head, field, w->top - box->y, 0);
}

static bool band_put(struct walk *w, int band, const char *const *field, double more)
{
    const struct label_box *box = &w->t->bands[band];
    bool ok = band_draw(w, band, field, w->y - box->y, more);
    w->y += box->height + more;
    return ok;
}

static double head_height(const struct walk *w, const struct sheet_block *block)
{
    return block->head ? w->t->bands[block->head].height : 0;
}

// What a page of its own has for a block and the head of its table.
static double room(const struct walk *w)
{
    return w->bottom - w->top - w->t->bands[w->next].height;
}

// By how much it grows with its texts: never over a page of its own.
static double growth(const struct walk *w, const struct sheet_block *block)
{
    double most = room(w) - head_height(w, block) - w->t->bands[block->band].height;
    return fmin(label_draw_more(w->t, block->band, block->field), fmax(most, 0));
}

static double height(const struct walk *w, const struct sheet_block *block)
{
    return w->t->bands[block->band].height + growth(w, block);
}

// What must have room below it on its page: signatures do not stand alone on a page.
static double company(const struct walk *w, const struct sheet_block *block)
{
    const struct sheet_block *last = &w->sheet->blocks[w->sheet->count - 1];
    if (block + 1 != last || last->head)
        return 0;
    double more = height(w, last);
    return head_height(w, block) + height(w, block) + more > room(w) ? 0 : more;
}

static bool block_put(struct walk *w, const struct sheet_block *block)
{
    double more = growth(w, block), head = w->head == block->head ? 0 : head_height(w, block);
    double needs = head + height(w, block) + company(w, block);
    if (w->y + needs > w->bottom + 1e-6 && !page_begin(w))
        return false;
    if (block->head && w->head != block->head && !band_put(w, block->head, block->field, 0))
        return false;
    w->head = block->head ? block->head : w->head;
    return band_put(w, block->band, block->field, more);
}

static bool walk(struct walk *w)
{
    w->page = 0;
    if (!page_begin(w))
        return false;
    for (int i = 0; i < w->sheet->count; i++) {
        if (!block_put(w, &w->sheet->blocks[i]))
            return false;
    }
    w->pages = w->page;
    return true;
}

static cairo_status_t put(void *out, const unsigned char *data, unsigned len)
{
    buf_add(out, data, len);
    return CAIRO_STATUS_SUCCESS;
}

static bool draw(struct walk *w, struct buf *out)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        put, out, w->t->width * points_per_mm, w->t->height * points_per_mm);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, w->sheet->title);
    w->cr = cairo_create(surface);
    cairo_scale(w->cr, points_per_mm, points_per_mm);
    bool ok = walk(w);
    cairo_status_t status = cairo_status(w->cr);
    cairo_destroy(w->cr);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS && ok)
        label_fault_set(w->fault, 0, "cairo: %s", cairo_status_to_string(status));
    return ok && status == CAIRO_STATUS_SUCCESS;
}

bool sheet_render(const struct label_template *t, const struct sheet *sheet, struct buf *out,
                  struct label_fault *fault)
{
    struct walk w = {t, sheet, fault};
    w.first = label_word(t->band_names, "first") + 1;
    w.next = label_word(t->band_names, "next") + 1;
    // The head of the other pages goes where that of the first one is; as much room is below as
    // above.
    w.top = t->bands[w.first].y;
    w.bottom = t->height - w.top;
    w.page_field = label_word(t->fields, "page");
    *fault = (struct label_fault){0};
    bool ok = walk(&w) && draw(&w, out);
    if (ok)
        metric_add(METRIC_labels_rendered, 1);
    return ok;
}
