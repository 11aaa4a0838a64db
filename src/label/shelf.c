#include <stdlib.h>
#include <string.h>

#include "base/assets.h"
#include "label/sheet.h"
#include "label/template.h"

enum { SHELF_MAX = 64 };

static struct label_template *shelf[SHELF_MAX];
static int shelf_count;

// "labels/shipment.svg" gives "shipment".
static bool shelf_name(const char *asset, char *out, size_t size)
{
    const char *start = strncmp(asset, "labels/", 7) == 0 ? asset + 7 : "";
    const char *end = strstr(start, ".svg");
    if (!end || end[4] || (size_t)(end - start) >= size)
        return false;
    memcpy(out, start, (size_t)(end - start));
    out[end - start] = '\0';
    return true;
}

static const struct label_template *on_shelf(const char *name)
{
    for (int i = 0; i < shelf_count; i++) {
        if (strcmp(shelf[i]->name, name) == 0)
            return shelf[i];
    }
    return NULL;
}

// Those of papers; every other is a label's.
static const struct label_words *words_of(const char *name)
{
    return strcmp(name, "handover_list") == 0 ? &sheet_words : &label_words;
}

bool label_templates_load(struct label_fault *fault)
{
    for (const struct asset *asset = assets; asset->name; asset++) {
        char name[64];
        if (!shelf_name(asset->name, name, sizeof name) || on_shelf(name))
            continue;
        struct label_template *t =
            shelf_count < SHELF_MAX
                ? label_template_parse(name, words_of(name), asset->data, asset->size, fault)
                : NULL;
        if (!t) {
            struct label_fault told = *fault;
            label_fault_set(fault, told.line, "%s, line %d: %.180s", name, told.line, told.text);
            return false;
        }
        shelf[shelf_count++] = t;
    }
    return true;
}

const struct label_template *label_template_named(const char *name, const struct label_words *words)
{
    const struct label_template *t = on_shelf(name);
    return t && t->words == words ? t : NULL;
}

void label_templates_drop(void)
{
    while (shelf_count)
        label_template_destroy(shelf[--shelf_count]);
}
