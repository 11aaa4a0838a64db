#include "label/template.h"

#include <libxml/parser.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "label/template_internal.h"

void label_fault_set(struct label_fault *fault, int line, const char *fmt, ...)
{
    va_list args;
    fault->line = line;
    va_start(args, fmt);
    vsnprintf(fault->text, sizeof fault->text, fmt, args);
    va_end(args);
}

static bool children_add(struct label_parser *p, const xmlNode *node,
                         const struct svg_style *style);

static bool skipped(const xmlNode *node, const char *name)
{
    static const char *const names[] = {"defs", "metadata", "title", "desc"};
    bool foreign = node->ns && strcmp((const char *)node->ns->href, "http://www.w3.org/2000/svg");
    for (size_t i = 0; i < countof(names); i++)
        foreign = foreign || strcmp(names[i], name) == 0;
    return foreign || (strcmp(name, "style") == 0 && !node->children);
}

static bool is_shape(const char *name)
{
    static const char *const names[] = {"rect",    "path",     "line",   "circle",
                                        "polygon", "polyline", "ellipse"};
    for (size_t i = 0; i < countof(names); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

// A group that is a band, or one like any other.
static bool group_add(struct label_parser *p, const xmlNode *node, const struct svg_style *style)
{
    char id[64] = "", frame[80];
    int band = style_attribute(node, "id", id, sizeof id) ? label_word(p->t->band_names, id) : -1;
    if (band < 0)
        return children_add(p, node, style);
    if (p->band || p->t->bands[band + 1].height > 0)
        return template_wrong(p, node, "the band \"%s\" stands twice, or in another", id);
    snprintf(frame, sizeof frame, "%s-box", id);
    struct label_box *box = &p->t->bands[band + 1];
    const cairo_matrix_t *m = &p->page;
    if (!template_box(p, node, frame, box))
        return false;
    *box = (struct label_box){box->x * m->xx + m->x0, box->y * m->yy + m->y0, box->width * m->xx,
                              box->height * m->yy};
    p->band = band + 1;
    bool ok = children_add(p, node, style);
    p->band = 0;
    return ok;
}

static bool element_draw(struct label_parser *p, const xmlNode *node, const char *name,
                         const struct svg_style *style)
{
    char id[64] = "";
    int cell;
    if (strcmp(name, "g") == 0)
        return group_add(p, node, style);
    if (strcmp(name, "text") == 0)
        return template_text(p, node, style);
    if (!is_shape(name))
        return template_wrong(p, node, "<%.40s> is not supported in a label", name);
    if (strcmp(name, "rect") == 0 && style_attribute(node, "id", id, sizeof id)) {
        enum label_code_kind code = label_code_named(id);
        if (code != LABEL_CODE_COUNT)
            return template_code(p, node, style, code);
        if (template_is_cell(id, &cell))
            return template_cell(p, node, style, cell);
    }
    return template_shape(p, node, name, style);
}

static bool element_add(struct label_parser *p, const xmlNode *node, const struct svg_style *parent)
{
    const char *name = (const char *)node->name;
    struct svg_style style;
    if (++p->nodes > LABEL_TEMPLATE_NODES)
        return template_wrong(p, node, "more than %d elements", LABEL_TEMPLATE_NODES);
    if (p->t->count + 2 > LABEL_TEMPLATE_OPS)
        return template_wrong(p, node, "more than %d things to draw", LABEL_TEMPLATE_OPS);
    if (skipped(node, name))
        return true;
    if (!style_read(node, parent, &style, p->fault))
        return false;
    return style.hidden || element_draw(p, node, name, &style);
}

static bool children_add(struct label_parser *p, const xmlNode *node, const struct svg_style *style)
{
    if (++p->depth > LABEL_TEMPLATE_DEPTH)
        return template_wrong(p, node, "groups are nested too deeply");
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE && !element_add(p, child, style))
            return false;
    }
    p->depth--;
    return true;
}

// Links and embedded pictures are looked for everywhere, also where nothing is drawn.
static bool closed(struct label_parser *p, const xmlNode *node, int depth)
{
    if (depth > 4 * LABEL_TEMPLATE_DEPTH)
        return template_wrong(p, node, "elements are nested too deeply");
    for (; node; node = node->next) {
        if (node->type == XML_ENTITY_REF_NODE || node->type == XML_PI_NODE)
            return template_wrong(p, node,
                                  "entities and processing instructions are not supported");
        if (node->type != XML_ELEMENT_NODE || strcmp((const char *)node->name, "metadata") == 0)
            continue;
        for (const xmlAttr *a = node->properties; a; a = a->next) {
            if (strcmp((const char *)a->name, "href") == 0)
                return template_wrong(p, node, "<%.40s> refers to something outside", node->name);
        }
        if (!closed(p, node->children, depth + 1))
            return false;
    }
    return true;
}

static bool page_read(struct label_parser *p, struct svg_style *style)
{
    char width[32], height[32], view[80];
    double box[4];
    style_init(style);
    if (strcmp((const char *)p->root->name, "svg") != 0)
        return template_wrong(p, p->root, "the file is not an SVG drawing");
    if (!style_attribute(p->root, "width", width, sizeof width) ||
        !style_attribute(p->root, "height", height, sizeof height) ||
        !svg_millimetres(width, &p->t->width) || !svg_millimetres(height, &p->t->height))
        return template_wrong(p, p->root, "the page needs width and height in millimetres");
    if (p->t->width < 10 || p->t->height < 10 || p->t->width > 320 || p->t->height > 450)
        return template_wrong(p, p->root, "a page is 10 to 320 mm wide and 10 to 450 mm high");
    cairo_matrix_init_scale(&style->matrix, 25.4 / 96, 25.4 / 96);
    if (!style_attribute(p->root, "viewBox", view, sizeof view))
        return true;
    if (!svg_numbers(view, box, 4) || box[2] <= 0 || box[3] <= 0)
        return template_wrong(p, p->root, "viewBox=\"%s\" is wrong", view);
    if (fabs(p->t->width / box[2] * box[3] / p->t->height - 1) > 0.005)
        return template_wrong(p, p->root, "viewBox has not the proportions of the page");
    cairo_matrix_init_scale(&style->matrix, p->t->width / box[2], p->t->height / box[3]);
    cairo_matrix_translate(&style->matrix, -box[0], -box[1]);
    return true;
}

static bool has_slots(const struct label_template *t)
{
    for (int i = 0; i < t->count; i++) {
        if (t->ops[i].kind == LABEL_OP_CODE || t->ops[i].field >= 0)
            return true;
    }
    return false;
}

static bool complete(struct label_parser *p)
{
    for (int i = 0; i < p->t->cells; i++) {
        if (!p->t->cell[i].name)
            return template_wrong(p, p->root, "there is no cell-%d before cell-%d", i + 1,
                                  p->t->cells);
    }
    if (p->t->cells)
        return !has_slots(p->t) ||
               template_wrong(p, p->root, "a sheet of cells has no slots and codes of its own");
    if (p->words->open)
        return true;
    if (!p->number)
        return template_wrong(p, p->root, "there is no text with the id \"number\"");
    if (!p->code)
        return template_wrong(p, p->root,
                              "there is no rectangle with the id qr, qr_short or code128");
    return true;
}

static bool document_read(struct label_parser *p, xmlDoc *doc)
{
    struct svg_style page, style;
    p->root = xmlDocGetRootElement(doc);
    if (!closed(p, p->root, 0) || !page_read(p, &page) ||
        !style_read(p->root, &page, &style, p->fault))
        return false;
    p->page = page.matrix;
    if (!template_words(p))
        return false;
    if (!children_add(p, p->root, &style))
        return false;
    for (int i = 0; p->t->band_names && p->t->band_names[i]; i++) {
        if (p->t->bands[i + 1].height <= 0)
            return template_wrong(p, p->root, "there is no band \"%s\"", p->t->band_names[i]);
    }
    return complete(p);
}

static xmlDoc *xml_read(const char *data, size_t len, struct label_fault *fault)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOERROR |
                        XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES;
    if (len == 0 || len > LABEL_TEMPLATE_BYTES || memchr(data, 0, len)) {
        label_fault_set(fault, 0, "a template is UTF-8 text of 1 to %d bytes",
                        LABEL_TEMPLATE_BYTES);
        return NULL;
    }
    // Before the parser sees them: it would expand entities inside attributes.
    if (memmem(data, len, "<!DOCTYPE", 9) || memmem(data, len, "<!ENTITY", 8)) {
        label_fault_set(fault, 0, "a DOCTYPE and entities are not supported");
        return NULL;
    }
    xmlParserCtxt *ctxt = xmlNewParserCtxt();
    if (!ctxt)
        die("out of memory");
    xmlDoc *doc = xmlCtxtReadMemory(ctxt, data, (int)len, NULL, "UTF-8", options);
    if (!doc || !xmlDocGetRootElement(doc)) {
        const xmlError *error = xmlCtxtGetLastError(ctxt);
        label_fault_set(fault, error ? error->line : 0, "not well-formed: %.180s",
                        error && error->message ? error->message : "no content");
        fault->text[strcspn(fault->text, "\n")] = '\0';
        xmlFreeDoc(doc);
        doc = NULL;
    }
    xmlFreeParserCtxt(ctxt);
    return doc;
}

struct label_template *label_template_parse(const char *name, const struct label_words *words,
                                            const char *data, size_t len, struct label_fault *fault)
{
    *fault = (struct label_fault){0};
    xmlDoc *doc = xml_read(data, len, fault);
    if (!doc)
        return NULL;
    struct label_template *t = calloc(1, sizeof *t);
    if (!t)
        die("out of memory");
    arena_init(&t->arena);
    t->name = arena_strdup(&t->arena, name);
    t->words = words;
    t->ops = arena_alloc(&t->arena, LABEL_TEMPLATE_OPS * sizeof *t->ops);
    struct label_parser p = {.t = t, .words = words, .fault = fault};
    if (document_read(&p, doc)) {
        template_still(t);
    } else {
        label_template_destroy(t);
        t = NULL;
    }
    xmlFreeDoc(doc);
    return t;
}

void label_template_destroy(struct label_template *t)
{
    if (!t)
        return;
    arena_finish(&t->arena);
    free(t);
}
