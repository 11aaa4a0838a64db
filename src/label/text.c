#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "label/font.h"
#include "label/text_internal.h"

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
    if (!dots)
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(pen->map), label_fonts());
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
    return pen;
}

static void pen_destroy(struct label_pen *pen)
{
    if (!pen)
        return;
    text_settings_drop(pen);
    for (int i = 0; i < pen->count; i++)
        pango_font_description_free(pen->faces[i].font);
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

static void face_measure(struct label_pen *pen, struct text_face *face)
{
    PangoFontMetrics *metrics = pango_context_get_metrics(pen->context, face->font, NULL);
    face->ascent = pango_units_to_double(pango_font_metrics_get_ascent(metrics));
    face->descent = pango_units_to_double(pango_font_metrics_get_descent(metrics));
    pango_font_metrics_unref(metrics);
}

const struct text_face *text_face_get(struct label_pen *pen, const struct label_type *type)
{
    for (int i = 0; i < pen->count; i++) {
        const struct text_face *face = &pen->faces[i];
        if (face->weight == type->weight && face->italic == type->italic &&
            strcmp(face->family, type->family) == 0)
            return face;
    }
    struct text_face *face = &pen->faces[pen->next];
    if (pen->count == TEXT_FACES)
        pango_font_description_free(face->font);
    else
        pen->count++;
    pen->next = (pen->next + 1) % TEXT_FACES;
    *face = (struct text_face){.weight = type->weight, .italic = type->italic};
    g_strlcpy(face->family, type->family, sizeof face->family);
    face->font = pango_font_description_new();
    pango_font_description_set_family(face->font, face->family);
    pango_font_description_set_weight(face->font, (PangoWeight)type->weight);
    pango_font_description_set_style(face->font,
                                     type->italic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
    pango_font_description_set_absolute_size(face->font, TEXT_EM * PANGO_SCALE);
    face_measure(pen, face);
    return face;
}

bool label_text_has(const char *family)
{
    struct label_pen *pen = label_pen_get(true); // of the two the one that is quick to make
    struct label_type type = {.family = family, .weight = 400};
    PangoFont *font = pango_context_load_font(pen->context, text_face_get(pen, &type)->font);
    PangoFontDescription *found = font ? pango_font_describe(font) : NULL;
    bool has = found && g_ascii_strcasecmp(pango_font_description_get_family(found), family) == 0;
    if (found)
        pango_font_description_free(found);
    if (font)
        g_object_unref(font);
    return has;
}
