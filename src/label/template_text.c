#include <stdlib.h>
#include <string.h>

#include "label/template_internal.h"

static const xmlNode *node_with_id(const xmlNode *node, const char *id, int depth)
{
    for (; node && depth < LABEL_TEMPLATE_DEPTH; node = node->next) {
        char own[64];
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (style_attribute(node, "id", own, sizeof own) && strcmp(own, id) == 0)
            return node;
        const xmlNode *found = node_with_id(node->children, id, depth + 1);
        if (found)
            return found;
    }
    return NULL;
}

const xmlNode *template_node(const xmlNode *root, const char *id)
{
    return node_with_id(root, id, 0);
}

int label_word(const char *const *list, const char *name)
{
    for (int i = 0; list && list[i]; i++) {
        if (strcmp(list[i], name) == 0)
            return i;
    }
    return -1;
}

bool template_box(struct label_parser *p, const xmlNode *node, const char *id,
                  struct label_box *box)
{
    double v[4];
    const char *const names[] = {"x", "y", "width", "height"};
    const xmlNode *frame = node_with_id(p->root, id, 0);
    if (!frame || strcmp((const char *)frame->name, "rect") != 0)
        return template_wrong(p, node, "#%s is asked for, and is not a rectangle", id);
    if (xmlHasProp(frame, (const xmlChar *)"transform"))
        return template_wrong(p, frame, "the frame #%s may not have a transform", id);
    if (!template_lengths(p, frame, names, v, 4))
        return false;
    if (v[2] <= 0 || v[3] <= 0)
        return template_wrong(p, frame, "the frame #%s is empty", id);
    *box = (struct label_box){v[0], v[1], v[2], v[3]};
    return true;
}

static struct label_op *text_op(struct label_parser *p, enum label_op_kind kind,
                                const struct svg_style *style)
{
    struct label_op *op = template_op(p, kind, &style->fill);
    op->matrix = style->matrix;
    op->type = (struct label_type){.family = arena_strdup(&p->t->arena, style->family),
                                   .size = style->size,
                                   .line = style->line,
                                   .weight = style->weight,
                                   .italic = style->italic,
                                   .align = style->align,
                                   .valign = style->valign};
    op->field = -1;
    return op;
}

static char *content(struct label_parser *p, const xmlNode *node)
{
    xmlChar *text = xmlNodeGetContent(node);
    char *copy = arena_strdup(&p->t->arena, text ? (const char *)text : "");
    xmlFree(text);
    return style_collapse(copy);
}

// One op a line: a tspan with a position of its own is a line; one without would need a change of
// style within a line, which is not supported rather than half done.
static bool lines_add(struct label_parser *p, const xmlNode *node, const struct svg_style *style,
                      double x, double y)
{
    bool lines = false;
    double v[2];
    if (!template_lengths(p, node, (const char *const[]){"x", "y"}, v, 2))
        return false;
    x = xmlHasProp(node, (const xmlChar *)"x") ? v[0] : x;
    y = xmlHasProp(node, (const xmlChar *)"y") ? v[1] : y;
    for (const xmlNode *child = node->children; child; child = child->next) {
        struct svg_style own;
        if (child->type != XML_ELEMENT_NODE || strcmp((const char *)child->name, "tspan") != 0)
            continue;
        if (++p->nodes > LABEL_TEMPLATE_NODES || p->depth > LABEL_TEMPLATE_DEPTH)
            return template_wrong(p, child, "too many or too deep elements");
        if (!style_read(child, style, &own, p->fault))
            return false;
        if (!xmlHasProp(child, (const xmlChar *)"x") && !xmlHasProp(child, (const xmlChar *)"y") &&
            !style_same_type(&own, style))
            return template_wrong(p, child, "a line of text has one style: use two texts");
        if (xmlHasProp(child, (const xmlChar *)"x") || xmlHasProp(child, (const xmlChar *)"y")) {
            lines = true;
            p->depth++;
            bool ok = lines_add(p, child, &own, x, y);
            p->depth--;
            if (!ok)
                return false;
        }
    }
    char *text = lines ? NULL : content(p, node);
    if (!text || !*text)
        return true;
    if (p->t->count >= LABEL_TEMPLATE_OPS)
        return template_wrong(p, node, "more than %d things to draw", LABEL_TEMPLATE_OPS);
    struct label_op *op = text_op(p, LABEL_OP_TEXT, style);
    op->text = text;
    op->x = x;
    op->y = y;
    return true;
}

bool template_id_given(const char *id)
{
    return !*id || (strncmp(id, "text", 4) == 0 && strspn(id + 4, "0123456789-") == strlen(id + 4));
}

bool template_text(struct label_parser *p, const xmlNode *node, const struct svg_style *style)
{
    char id[64] = "";
    bool named = style_attribute(node, "id", id, sizeof id) && !template_id_given(id);
    int field = label_word(p->t->fields, id);
    if (style->fill.none)
        return template_wrong(p, node, "text without a fill cannot be seen");
    if (named && field < 0)
        return template_wrong(p, node, "the text's id \"%s\" is not a field of a label", id);
    if (named && !*style->frame)
        return template_wrong(p, node, "the slot \"%s\" has no frame (shape-inside)", id);
    if (!*style->frame)
        return lines_add(p, node, style, 0, 0);
    struct label_op *op = text_op(p, LABEL_OP_FRAME, style);
    op->field = field;
    op->text = named ? NULL : content(p, node);
    p->number = p->number || (named && strcmp(id, "number") == 0);
    return template_box(p, node, style->frame, &op->box);
}
