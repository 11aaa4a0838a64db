#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "label/template_internal.h"

struct label_op *template_op(struct label_parser *p, enum label_op_kind kind,
                             const struct svg_colour *colour)
{
    struct label_op *op = &p->t->ops[p->t->count++];
    *op = (struct label_op){.kind = kind, .band = p->band, .field = -1};
    if (colour) {
        op->red = colour->red;
        op->green = colour->green;
        op->blue = colour->blue;
    }
    return op;
}

static bool length_of(struct label_parser *p, const xmlNode *node, const char *name, double *out)
{
    char value[64];
    *out = 0;
    if (!style_attribute(node, name, value, sizeof value) || svg_length(value, out))
        return true;
    return template_wrong(p, node, "%s=\"%s\" is not a length", name, value);
}

bool template_lengths(struct label_parser *p, const xmlNode *node, const char *const *names,
                      double *values, int count)
{
    for (int i = 0; i < count; i++) {
        if (!length_of(p, node, names[i], &values[i]))
            return false;
    }
    return true;
}

static bool outline_text(struct svg_outline *outline, const xmlNode *node, const char *attribute,
                         const char *name)
{
    xmlChar *text = xmlGetNoNsProp(node, (const xmlChar *)attribute);
    const char *d = text ? (const char *)text : "";
    bool ok = attribute[0] == 'd' ? svg_path(outline, d)
                                  : svg_points(outline, d, strcmp(name, "polygon") == 0);
    xmlFree(text);
    return ok;
}

static bool outline_rect(struct label_parser *p, struct svg_outline *outline, const xmlNode *node)
{
    double v[6];
    const char *const names[] = {"x", "y", "width", "height", "rx", "ry"};
    if (!template_lengths(p, node, names, v, 6))
        return false;
    v[4] = v[4] > 0 ? v[4] : v[5];
    v[5] = v[5] > 0 ? v[5] : v[4];
    svg_rect(outline, v[0], v[1], v[2], v[3], fmax(v[4], 0), fmax(v[5], 0));
    return true;
}

static bool outline_ellipse(struct label_parser *p, struct svg_outline *outline,
                            const xmlNode *node, bool circle)
{
    double v[4];
    const char *const names[] = {"cx", "cy", circle ? "r" : "rx", circle ? "r" : "ry"};
    if (!template_lengths(p, node, names, v, 4))
        return false;
    svg_ellipse(outline, v[0], v[1], v[2], v[3]);
    return true;
}

static bool outline_line(struct label_parser *p, struct svg_outline *outline, const xmlNode *node)
{
    double v[4];
    const char *const names[] = {"x1", "y1", "x2", "y2"};
    if (!template_lengths(p, node, names, v, 4))
        return false;
    svg_move(outline, v[0], v[1]);
    svg_line(outline, v[2], v[3]);
    return true;
}

static bool outline_of(struct label_parser *p, struct svg_outline *outline, const xmlNode *node,
                       const char *name)
{
    if (strcmp(name, "rect") == 0)
        return outline_rect(p, outline, node);
    if (strcmp(name, "circle") == 0 || strcmp(name, "ellipse") == 0)
        return outline_ellipse(p, outline, node, name[0] == 'c');
    if (strcmp(name, "line") == 0)
        return outline_line(p, outline, node);
    if (!outline_text(outline, node, strcmp(name, "path") == 0 ? "d" : "points", name))
        return template_wrong(p, node, "the outline of this %s is wrong or too long", name);
    return true;
}

bool template_shape(struct label_parser *p, const xmlNode *node, const char *name,
                    const struct svg_style *style)
{
    struct svg_outline outline = {.matrix = style->matrix};
    bool ok = outline_of(p, &outline, node, name);
    if (ok && outline.count) {
        size_t size = (size_t)outline.count * sizeof *outline.data;
        cairo_path_data_t *path = (void *)arena_copy(&p->t->arena, outline.data, size);
        const cairo_matrix_t *m = &style->matrix;
        if (!style->fill.none && strcmp(name, "line") != 0) {
            struct label_op *op = template_op(p, LABEL_OP_FILL, &style->fill);
            op->path = path;
            op->path_count = outline.count;
            op->even_odd = style->even_odd;
        }
        if (!style->stroke.none && style->stroke_width > 0) {
            struct label_op *op = template_op(p, LABEL_OP_STROKE, &style->stroke);
            op->path = path;
            op->path_count = outline.count;
            op->width = style->stroke_width * sqrt(fabs(m->xx * m->yy - m->xy * m->yx));
            op->cap = style->cap;
            op->join = style->join;
        }
    }
    svg_outline_finish(&outline);
    return ok;
}

bool template_code(struct label_parser *p, const xmlNode *node, const struct svg_style *style,
                   enum label_code_kind code)
{
    double v[4];
    const cairo_matrix_t *m = &style->matrix;
    const char *const names[] = {"x", "y", "width", "height"};
    if (!template_lengths(p, node, names, v, 4))
        return false;
    if (fabs(m->xy) > 1e-9 || fabs(m->yx) > 1e-9 || m->xx <= 0 || m->yy <= 0)
        return template_wrong(p, node, "a code's rectangle may not be turned or mirrored");
    struct label_op *op = template_op(p, LABEL_OP_CODE, NULL);
    op->code = code;
    op->box =
        (struct label_box){v[0] * m->xx + m->x0, v[1] * m->yy + m->y0, v[2] * m->xx, v[3] * m->yy};
    if (op->box.x < 0 || op->box.y < 0 || op->box.x + op->box.width > p->t->width + 1e-6 ||
        op->box.y + op->box.height > p->t->height + 1e-6)
        return template_wrong(p, node, "the code's rectangle leaves the page");
    p->code = true;
    return true;
}
