#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "label/text_internal.h"

static const double smallest = 0.7, step = 0.06;

static double line_width(PangoLayout *layout, int index)
{
    PangoRectangle logical;
    pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, index), NULL, &logical);
    return pango_units_to_double(logical.width);
}

static double widest(PangoLayout *layout)
{
    double width = 0;
    for (int i = 0; i < pango_layout_get_line_count(layout); i++)
        width = fmax(width, line_width(layout, i));
    return width;
}

// Whether ink leaves its line: marks piled up, scripts taller than the face, an overhang.
static bool line_spills(const struct text_setting *s, int index, double room)
{
    PangoRectangle ink;
    pango_layout_line_get_extents(pango_layout_get_line_readonly(s->layout, index), &ink, NULL);
    double top = pango_units_to_double(ink.y), bottom = top + pango_units_to_double(ink.height);
    return -top > s->ascent || bottom > s->descent || pango_units_to_double(ink.width) > room;
}

static int lines_of(const struct text_setting *s, double size)
{
    int lines = (int)((s->height + 0.02 * size) / (size * s->line));
    return lines < 1 ? 1 : lines;
}

// Where pango put the ellipsis of the last line, in bytes of the text; -1: nowhere.
static int ellipsis_at(PangoLayout *layout)
{
    int last = pango_layout_get_line_count(layout) - 1;
    const GSList *run = pango_layout_get_line_readonly(layout, last)->runs;
    for (; run; run = run->next) {
        const PangoItem *item = ((const PangoGlyphItem *)run->data)->item;
        if (item->analysis.flags & PANGO_ANALYSIS_FLAG_IS_ELLIPSIS)
            return item->offset;
    }
    return -1;
}

// Cuts the text itself: pango's ellipsis would carry all that it hides into the text of a PDF.
static void cut(PangoLayout *layout, int width, int lines)
{
    pango_layout_set_width(layout, width);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_height(layout, -lines);
    int at = ellipsis_at(layout);
    if (at < 0)
        return;
    const char *text = pango_layout_get_text(layout);
    while (at > 0 && text[at - 1] == ' ')
        at--;
    char *shown = g_strdup_printf("%.*s…", at, text);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_NONE);
    pango_layout_set_text(layout, shown, -1);
    g_free(shown);
}

// Leaves the lines to draw in the layout; returns the size of the type.
static double fit(struct text_setting *s)
{
    PangoLayout *layout = s->layout;
    double natural = line_width(layout, 0), size = s->wish, least = size * smallest;
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD);
    for (; size > least; size -= step * s->wish) {
        double room = s->width / size * TEXT_EM;
        if (natural <= room)
            return size;
        if (lines_of(s, size) < 2)
            continue;
        pango_layout_set_width(layout, pango_units_from_double(room));
        if (pango_layout_get_line_count(layout) <= lines_of(s, size) && widest(layout) <= room)
            return size;
        pango_layout_set_width(layout, -1);
    }
    cut(layout, pango_units_from_double(s->width / least * TEXT_EM), lines_of(s, least));
    return least;
}

// --- what is set already -------------------------------------------------------------------------

static void layout_begin(struct label_pen *pen, struct text_setting *s, const char *text)
{
    if (!s->layout) {
        s->layout = pango_layout_new(pen->context);
        pango_layout_set_single_paragraph_mode(s->layout, TRUE);
    }
    pango_layout_set_width(s->layout, -1);
    pango_layout_set_height(s->layout, -1);
    pango_layout_set_ellipsize(s->layout, PANGO_ELLIPSIZE_NONE);
    pango_layout_set_font_description(s->layout, s->font);
    pango_layout_set_text(s->layout, text, -1);
}

static void setting_drop(struct text_setting *s)
{
    if (s->layout)
        g_object_unref(s->layout);
    pango_font_description_free(s->font);
    free(s->text);
    *s = (struct text_setting){0};
}

void text_settings_drop(struct label_pen *pen)
{
    for (int i = 0; i < TEXT_SETTINGS; i++)
        setting_drop(&pen->settings[i]);
}

static void setting_make(struct label_pen *pen, struct text_setting *s,
                         const struct text_face *face, const struct label_op *op, const char *text)
{
    PangoLayout *layout = s->layout;
    s->layout = NULL;
    setting_drop(s);
    *s = (struct text_setting){.layout = layout,
                               .text = strdup(text),
                               .font = pango_font_description_copy(face->font),
                               .ascent = face->ascent,
                               .descent = face->descent,
                               .wish = op->type.size,
                               .line = op->type.line,
                               .width = op->box.width,
                               .height = op->box.height,
                               .size = op->type.size,
                               .lines = 1};
    if (!s->text)
        die("out of memory");
    layout_begin(pen, s, text);
    if (op->kind != LABEL_OP_FRAME)
        return;
    s->size = fit(s);
    int lines = pango_layout_get_line_count(s->layout), most = lines_of(s, s->size);
    s->lines = lines < most ? lines : most;
    for (int i = 0; i < s->lines && !s->spills; i++)
        s->spills = line_spills(s, i, s->width / s->size * TEXT_EM);
}

static bool is_set(const struct text_setting *s, const struct text_face *face,
                   const struct label_op *op, const char *text)
{
    return s->text && s->wish == op->type.size && s->line == op->type.line &&
           s->width == op->box.width && s->height == op->box.height && strcmp(s->text, text) == 0 &&
           pango_font_description_equal(s->font, face->font);
}

// As it stands already, or set now in the place of another.
static const struct text_setting *set(struct label_pen *pen, const struct label_op *op,
                                      const char *text)
{
    const struct text_face *face = text_face_get(pen, &op->type);
    unsigned hash = g_str_hash(text) * 31 + (unsigned)(op->box.width * 16 + op->type.size * 256) +
                    (unsigned)face->weight;
    struct text_setting *s = &pen->settings[hash % TEXT_SETTINGS];
    if (!is_set(s, face, op, text))
        setting_make(pen, s, face, op, text);
    return s;
}

// --- drawing -------------------------------------------------------------------------------------

static double shifted(enum label_align align, double room)
{
    return align == LABEL_START ? 0 : align == LABEL_MIDDLE ? room / 2 : room;
}

static void show_line(cairo_t *cr, PangoLayout *layout, int index, double x, double y, double scale)
{
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_scale(cr, scale, scale);
    cairo_move_to(cr, 0, 0);
    pango_cairo_show_layout_line(cr, pango_layout_get_line_readonly(layout, index));
    cairo_restore(cr);
}

void label_text_line(struct label_pen *pen, cairo_t *cr, const struct label_op *op,
                     const char *text)
{
    const struct text_setting *s = set(pen, op, text);
    double scale = s->size / TEXT_EM;
    double x = op->x - shifted(op->type.align, line_width(s->layout, 0) * scale);
    show_line(cr, s->layout, 0, x, op->y, scale);
}

double label_text_room(struct label_pen *pen, const struct label_op *op, const char *text)
{
    struct label_op wide = *op;
    wide.kind = LABEL_OP_TEXT;
    wide.box.height = 0;
    const struct text_setting *s = set(pen, &wide, text);
    pango_layout_set_wrap(s->layout, PANGO_WRAP_WORD);
    pango_layout_set_width(s->layout, pango_units_from_double(op->box.width / s->wish * TEXT_EM));
    return pango_layout_get_line_count(s->layout) * s->wish * s->line;
}

void label_text_frame(struct label_pen *pen, cairo_t *cr, const struct label_op *op,
                      const char *text)
{
    const struct text_setting *s = set(pen, op, text);
    double scale = s->size / TEXT_EM, pitch = s->size * s->line;
    // Half of what a line lacks or has to spare above and below the type, as in CSS.
    double lead = (pitch - (s->ascent + s->descent) * scale) / 2;
    double y = op->box.y + shifted(op->type.valign, op->box.height - s->lines * pitch);
    cairo_save(cr);
    if (s->spills) {
        cairo_rectangle(cr, op->box.x, op->box.y + fmin(lead, 0), op->box.width,
                        op->box.height - 2 * fmin(lead, 0));
        cairo_clip(cr);
    }
    for (int i = 0; i < s->lines; i++) {
        double room = op->box.width - line_width(s->layout, i) * scale;
        show_line(cr, s->layout, i, op->box.x + shifted(op->type.align, room),
                  y + i * pitch + lead + s->ascent * scale, scale);
    }
    cairo_restore(cr);
}
