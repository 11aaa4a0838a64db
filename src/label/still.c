#include "label/still.h"

#include <stdlib.h>

#include "base/log.h"
#include "label/draw.h"

static const double points_per_mm = 72 / 25.4;

struct label_still {
    int count;
    cairo_surface_t *list[1 + LABEL_TEMPLATE_CELLS]; // in points
};

static void record(struct label_still *still, const struct label_template *t)
{
    static const char *const nothing[LABEL_FIELDS_MAX];
    const cairo_rectangle_t page = {0, 0, t->width * points_per_mm, t->height * points_per_mm};
    cairo_surface_t *drawing = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &page);
    cairo_t *cr = cairo_create(drawing);
    cairo_scale(cr, points_per_mm, points_per_mm);
    label_draw(cr, t, 0, nothing, 0, LABEL_INK_STILL);
    cairo_destroy(cr);
    still->list[still->count++] = drawing;
}

struct label_still *label_still_create(const struct label_template *t)
{
    struct label_still *still = calloc(1, sizeof *still);
    if (!still)
        die("out of memory");
    record(still, t);
    for (int i = 0; i < t->cells; i++)
        record(still, t->cell[i].t);
    return still;
}

void label_still_destroy(struct label_still *still)
{
    for (int i = 0; still && i < still->count; i++)
        cairo_surface_destroy(still->list[i]);
    free(still);
}

void label_still_draw(const struct label_still *still, int index, cairo_t *cr)
{
    cairo_save(cr);
    cairo_scale(cr, 1 / points_per_mm, 1 / points_per_mm);
    cairo_set_source_surface(cr, still->list[index], 0, 0);
    cairo_paint(cr);
    cairo_restore(cr);
}
