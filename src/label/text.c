#include "label/text.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { EM = 32, FACES = 16 };
static const double smallest = 0.7, step = 0.06;

struct face {
    char family[64];
    int weight;
    bool italic;
    PangoFontDescription *font;
    double ascent, descent; // in units of EM
};

struct label_pen {
    PangoFontMap *map;
    PangoContext *context;
    PangoLayout *layout;
    struct face faces[FACES];
    int count, next;
};

struct pens {
    struct label_pen *outlines, *dots;
};

static pthread_key_t pens_key;
static pthread_once_t pens_once = PTHREAD_ONCE_INIT;

static struct label_pen *pen_create(bool dots)
{
    struct label_pen *pen = calloc(1, sizeof *pen);
    cairo_font_options_t *options = cairo_font_options_create();
    if (!pen)
        die("out of memory");
    pen->map = pango_cairo_font_map_new();
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(pen->map), 72);
    pen->context = pango_font_map_create_context(pen->map);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_hint_style(options,
                                      dots ? CAIRO_HINT_STYLE_FULL : CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(pen->context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(pen->context, FALSE);
    pango_context_set_language(pen->context, pango_language_from_string("vi"));
    pen->layout = pango_layout_new(pen->context);
    pango_layout_set_single_paragraph_mode(pen->layout, TRUE);
    return pen;
}

static void pen_destroy(struct label_pen *pen)
{
    if (!pen)
        return;
    for (int i = 0; i < pen->count; i++)
        pango_font_description_free(pen->faces[i].font);
    g_object_unref(pen->layout);
    g_object_unref(pen->context);
    g_object_unref(pen->map);
    free(pen);
}

static void pens_destroy(void *arg)
{
    struct pens *pens = arg;
    pen_destroy(pens->outlines);
    pen_destroy(pens->dots);
    free(pens);
}

static void pens_init(void)
{
    if (pthread_key_create(&pens_key, pens_destroy) != 0)
        die("no thread key left");
}

struct label_pen *label_pen_get(bool dots)
{
    pthread_once(&pens_once, pens_init);
    struct pens *pens = pthread_getspecific(pens_key);
    if (!pens) {
        pens = calloc(1, sizeof *pens);
        if (!pens || pthread_setspecific(pens_key, pens) != 0)
            die("out of memory");
    }
    struct label_pen **pen = dots ? &pens->dots : &pens->outlines;
    if (!*pen)
        *pen = pen_create(dots);
    return *pen;
}

void label_pen_drop(void)
{
    pthread_once(&pens_once, pens_init);
    struct pens *pens = pthread_getspecific(pens_key);
    if (pens) {
        pens_destroy(pens);
        (void)pthread_setspecific(pens_key, NULL);
    }
}

// --- faces ---------------------------------------------------------------------------------------

static void face_measure(struct label_pen *pen, struct face *face)
{
    PangoFontMetrics *metrics = pango_context_get_metrics(pen->context, face->font, NULL);
    face->ascent = pango_units_to_double(pango_font_metrics_get_ascent(metrics));
    face->descent = pango_units_to_double(pango_font_metrics_get_descent(metrics));
    pango_font_metrics_unref(metrics);
}

static const struct face *face_get(struct label_pen *pen, const struct label_type *type)
{
    for (int i = 0; i < pen->count; i++) {
        const struct face *face = &pen->faces[i];
        if (face->weight == type->weight && face->italic == type->italic &&
            strcmp(face->family, type->family) == 0)
            return face;
    }
    struct face *face = &pen->faces[pen->next];
    if (pen->count == FACES)
        pango_font_description_free(face->font);
    else
        pen->count++;
    pen->next = (pen->next + 1) % FACES;
    *face = (struct face){.weight = type->weight, .italic = type->italic};
    g_strlcpy(face->family, type->family, sizeof face->family);
    face->font = pango_font_description_new();
    pango_font_description_set_family(face->font, face->family);
    pango_font_description_set_weight(face->font, (PangoWeight)type->weight);
    pango_font_description_set_style(face->font,
                                     type->italic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
    pango_font_description_set_absolute_size(face->font, EM * PANGO_SCALE);
    face_measure(pen, face);
    return face;
}

bool label_text_has(const char *family)
{
    struct label_pen *pen = label_pen_get(false);
    struct label_type type = {.family = family, .weight = 400};
    PangoFont *font = pango_context_load_font(pen->context, face_get(pen, &type)->font);
    PangoFontDescription *found = font ? pango_font_describe(font) : NULL;
    bool has = found && g_ascii_strcasecmp(pango_font_description_get_family(found), family) == 0;
    if (found)
        pango_font_description_free(found);
    if (font)
        g_object_unref(font);
    return has;
}

// --- setting -------------------------------------------------------------------------------------

static void layout_begin(struct label_pen *pen, const struct face *face, const char *text)
{
    pango_layout_set_width(pen->layout, -1);
    pango_layout_set_ellipsize(pen->layout, PANGO_ELLIPSIZE_NONE);
    pango_layout_set_font_description(pen->layout, face->font);
    pango_layout_set_text(pen->layout, text, -1);
}

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
static bool line_spills(PangoLayout *layout, int index, const struct face *face, double room)
{
    PangoRectangle ink;
    pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, index), &ink, NULL);
    double top = pango_units_to_double(ink.y), bottom = top + pango_units_to_double(ink.height);
    return -top > face->ascent || bottom > face->descent || pango_units_to_double(ink.width) > room;
}

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
    double scale = op->type.size / EM;
    layout_begin(pen, face_get(pen, &op->type), text);
    double x = op->x - shifted(op->type.align, line_width(pen->layout, 0) * scale);
    show_line(cr, pen->layout, 0, x, op->y, scale);
}

double label_text_room(struct label_pen *pen, const struct label_op *op, const char *text)
{
    layout_begin(pen, face_get(pen, &op->type), text);
    pango_layout_set_wrap(pen->layout, PANGO_WRAP_WORD);
    pango_layout_set_width(pen->layout,
                           pango_units_from_double(op->box.width / op->type.size * EM));
    return pango_layout_get_line_count(pen->layout) * op->type.size * op->type.line;
}

static int lines_of(const struct label_op *op, double size)
{
    int lines = (int)((op->box.height + 0.02 * size) / (size * op->type.line));
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
static double fit(PangoLayout *layout, const struct label_op *op)
{
    double natural = line_width(layout, 0), size = op->type.size, least = size * smallest;
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD);
    for (; size > least; size -= step * op->type.size) {
        double room = op->box.width / size * EM;
        if (natural <= room)
            return size;
        if (lines_of(op, size) < 2)
            continue;
        pango_layout_set_width(layout, pango_units_from_double(room));
        if (pango_layout_get_line_count(layout) <= lines_of(op, size) && widest(layout) <= room)
            return size;
        pango_layout_set_width(layout, -1);
    }
    cut(layout, pango_units_from_double(op->box.width / least * EM), lines_of(op, least));
    return least;
}

void label_text_frame(struct label_pen *pen, cairo_t *cr, const struct label_op *op,
                      const char *text)
{
    const struct face *face = face_get(pen, &op->type);
    layout_begin(pen, face, text);
    double size = fit(pen->layout, op), scale = size / EM, pitch = size * op->type.line;
    int lines = pango_layout_get_line_count(pen->layout), most = lines_of(op, size);
    lines = lines < most ? lines : most;
    // Half of what a line lacks or has to spare above and below the type, as in CSS.
    double lead = (pitch - (face->ascent + face->descent) * scale) / 2;
    double y = op->box.y + shifted(op->type.valign, op->box.height - lines * pitch);
    bool spills = false;
    for (int i = 0; i < lines; i++)
        spills = spills || line_spills(pen->layout, i, face, op->box.width / scale);
    cairo_save(cr);
    if (spills) {
        cairo_rectangle(cr, op->box.x, op->box.y + fmin(lead, 0), op->box.width,
                        op->box.height - 2 * fmin(lead, 0));
        cairo_clip(cr);
    }
    for (int i = 0; i < lines; i++) {
        double room = op->box.width - line_width(pen->layout, i) * scale;
        show_line(cr, pen->layout, i, op->box.x + shifted(op->type.align, room),
                  y + i * pitch + lead + face->ascent * scale, scale);
    }
    cairo_restore(cr);
}
