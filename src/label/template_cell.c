#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "label/template_internal.h"

// A sheet with several labels: rectangles that say where, each with the name of another template.

static const double slack = 0.05; // millimetres that a label may be larger than its cell

bool template_is_cell(const char *id, int *index)
{
    char *end;
    if (strncmp(id, "cell-", 5) != 0 || id[5] < '1' || id[5] > '9')
        return false;
    *index = (int)strtol(id + 5, &end, 10) - 1;
    return *end == '\0';
}

// What stands in the element's <title>: in Inkscape the title of its object's properties.
static const char *title_of(struct label_parser *p, const xmlNode *node)
{
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type != XML_ELEMENT_NODE || strcmp((const char *)child->name, "title") != 0)
            continue;
        xmlChar *text = xmlNodeGetContent(child);
        char *copy = arena_strdup(&p->t->arena, text ? (const char *)text : "");
        xmlFree(text);
        return style_collapse(copy);
    }
    return "";
}

bool template_cell(struct label_parser *p, const xmlNode *node, const struct svg_style *style,
                   int index)
{
    double v[4];
    const cairo_matrix_t *m = &style->matrix;
    const char *const names[] = {"x", "y", "width", "height"};
    if (p->words->bands)
        return template_wrong(p, node, "a paper in bands has no cells");
    if (index < 0 || index >= LABEL_TEMPLATE_CELLS)
        return template_wrong(p, node, "a sheet has at most %d cells", LABEL_TEMPLATE_CELLS);
    struct label_cell *cell = &p->t->cell[index];
    if (cell->name)
        return template_wrong(p, node, "cell-%d stands twice", index + 1);
    if (!template_lengths(p, node, names, v, 4))
        return false;
    if (fabs(m->xy) > 1e-9 || fabs(m->yx) > 1e-9 || m->xx <= 0 || m->yy <= 0)
        return template_wrong(p, node, "a cell may not be turned or mirrored");
    *cell = (struct label_cell){.x = v[0] * m->xx + m->x0,
                                .y = v[1] * m->yy + m->y0,
                                .width = v[2] * m->xx,
                                .height = v[3] * m->yy,
                                .name = title_of(p, node),
                                .line = (int)xmlGetLineNo(node)};
    if (!*cell->name)
        return template_wrong(p, node, "cell-%d names no template in its <title>", index + 1);
    if (cell->x < -slack || cell->y < -slack || cell->x + cell->width > p->t->width + slack ||
        cell->y + cell->height > p->t->height + slack)
        return template_wrong(p, node, "cell-%d leaves the page", index + 1);
    p->t->cells = index + 1 > p->t->cells ? index + 1 : p->t->cells;
    return true;
}

bool label_template_link(struct label_template *t, struct label_fault *fault)
{
    for (int i = 0; i < t->cells; i++) {
        struct label_cell *cell = &t->cell[i];
        cell->t = label_template_named(cell->name, t->words);
        if (!cell->t || cell->t->cells) {
            label_fault_set(fault, cell->line,
                            "cell-%d: there is no template \"%.60s\" of the kind %s", i + 1,
                            cell->name, t->words->kind);
            return false;
        }
        if (cell->t->width > cell->width + slack || cell->t->height > cell->height + slack) {
            label_fault_set(fault, cell->line, "cell-%d is smaller than \"%.60s\", %g × %g mm",
                            i + 1, cell->name, cell->t->width, cell->t->height);
            return false;
        }
    }
    return true;
}

int label_template_places(const struct label_template *t)
{
    return t->cells ? t->cells : 1;
}
