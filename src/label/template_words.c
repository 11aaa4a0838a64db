#include <stdio.h>
#include <string.h>

#include "label/template_internal.h"

// Of a template whose words are open: what it has is what it may have.

struct found {
    const char **fields, **bands;
    int field_count, band_count;
};

static bool keep(struct label_parser *p, const xmlNode *node, const char **list, int *count,
                 int most, const char *id)
{
    list[*count] = NULL;
    if (label_word(list, id) >= 0)
        return true;
    if (*count == most)
        return template_wrong(p, node, "more than %d slots or bands", most);
    list[(*count)++] = arena_strdup(&p->t->arena, id);
    list[*count] = NULL;
    return true;
}

static bool look(struct label_parser *p, const xmlNode *node, struct found *found, int depth)
{
    for (; node; node = node->next) {
        char id[64] = "", box[80];
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (depth > LABEL_TEMPLATE_DEPTH)
            return template_wrong(p, node, "groups are nested too deeply");
        bool named = style_attribute(node, "id", id, sizeof id);
        bool text = named && strcmp((const char *)node->name, "text") == 0;
        snprintf(box, sizeof box, "%s-box", id);
        if (text && !template_id_given(id) &&
            !keep(p, node, found->fields, &found->field_count, LABEL_FIELDS_MAX, id))
            return false;
        if (named && strcmp((const char *)node->name, "g") == 0 && template_node(p->root, box) &&
            !keep(p, node, found->bands, &found->band_count, LABEL_TEMPLATE_BANDS - 1, id))
            return false;
        if (!look(p, node->children, found, depth + 1))
            return false;
    }
    return true;
}

bool template_words(struct label_parser *p)
{
    static const char *const always[] = {"first", "next"};
    struct found found = {0};
    p->t->fields = p->words->fields;
    p->t->band_names = p->words->bands;
    if (!p->words->open)
        return true;
    found.fields = arena_alloc(&p->t->arena, (LABEL_FIELDS_MAX + 1) * sizeof *found.fields);
    found.bands = arena_alloc(&p->t->arena, LABEL_TEMPLATE_BANDS * sizeof *found.bands);
    if (!look(p, p->root, &found, 0))
        return false;
    for (size_t i = 0; i < countof(always); i++) {
        if (label_word(found.bands, always[i]) < 0)
            return template_wrong(p, p->root, "there is no band \"%s\"", always[i]);
    }
    if (label_word(found.fields, "page") < 0)
        return template_wrong(p, p->root, "there is no text with the id \"page\"");
    p->t->fields = found.fields;
    p->t->band_names = found.bands;
    return true;
}
