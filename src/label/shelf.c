#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assets.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/log.h"
#include "label/kind.h"
#include "label/template.h"

// Templates by name: those inside the program, and over them those of the office's own folder
// (option label.templates). What is wrong with one of ours stops the start; one of the office's is
// passed over, and told with its line.

enum { SHELF_MAX = 64, NAME_MAX_BYTES = 64 };
static const char inside[] = "labels/";

static struct label_template *shelf[SHELF_MAX];
static int shelf_count;

static int place_of(const char *name)
{
    int i = 0;
    while (i < shelf_count && strcmp(shelf[i]->name, name) != 0)
        i++;
    return i;
}

// "shipment.svg" gives "shipment".
static bool shelf_name(const char *file, char out[NAME_MAX_BYTES])
{
    size_t len = strlen(file);
    if (len < 5 || len - 4 >= NAME_MAX_BYTES || strcmp(file + len - 4, ".svg") != 0 ||
        strchr(file, '/') || file[0] == '.')
        return false;
    memcpy(out, file, len - 4);
    out[len - 4] = '\0';
    return true;
}

static bool all_linked(const char **name, struct label_fault *fault)
{
    for (int i = 0; i < shelf_count; i++) {
        *name = shelf[i]->name;
        if (!label_template_link(shelf[i], fault))
            return false;
    }
    return true;
}

// --- ours ----------------------------------------------------------------------------------------

static bool told_where(const char *name, struct label_fault *fault)
{
    struct label_fault told = *fault;
    label_fault_set(fault, told.line, "%s, line %d: %.180s", name, told.line, told.text);
    return false;
}

static bool ours_load(struct label_fault *fault)
{
    const char *wrong;
    for (const struct asset *asset = assets; asset->name; asset++) {
        char name[NAME_MAX_BYTES];
        size_t folder = sizeof inside - 1;
        if (strncmp(asset->name, inside, folder) != 0 || !shelf_name(asset->name + folder, name))
            continue;
        if (shelf_count == SHELF_MAX)
            die("more than %d templates", SHELF_MAX);
        shelf[shelf_count] =
            label_template_parse(name, label_kind_of(name)->words, asset->data, asset->size, fault);
        if (!shelf[shelf_count])
            return told_where(name, fault);
        shelf_count++;
    }
    return all_linked(&wrong, fault) || told_where(wrong, fault);
}

// --- the office's own ----------------------------------------------------------------------------

// One byte more than a template may have shows that it has too many.
static bool file_read(const char *path, struct buf *out)
{
    char part[16384];
    size_t got;
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    while (out->len <= LABEL_TEMPLATE_BYTES && (got = fread(part, 1, sizeof part, file)) > 0)
        buf_add(out, part, got);
    bool ok = !ferror(file);
    fclose(file);
    return ok;
}

// On the shelf, in place of ours of that name; what that breaks elsewhere is its fault, too.
static bool own_put(struct label_template *t, struct label_fault *fault)
{
    struct label_fault again;
    const char *wrong;
    int place = place_of(t->name);
    if (place == SHELF_MAX) {
        label_fault_set(fault, 0, "more than %d templates", SHELF_MAX);
        return false;
    }
    struct label_template *before = place < shelf_count ? shelf[place] : NULL;
    shelf[place] = t;
    shelf_count += !before;
    if (all_linked(&wrong, fault)) {
        label_template_destroy(before);
        return true;
    }
    if (strcmp(wrong, t->name) != 0)
        (void)told_where(wrong, fault);
    shelf[place] = before;
    shelf_count -= !before;
    if (!all_linked(&wrong, &again))
        die("template %s, line %d: %s", wrong, again.line, again.text);
    return false;
}

static void own_load(const char *folder, const char *file, bool cells)
{
    char name[NAME_MAX_BYTES], path[4096];
    struct label_fault fault = {0};
    struct buf text = {0};
    if (!shelf_name(file, name) ||
        snprintf(path, sizeof path, "%s/%s", folder, file) >= (int)sizeof path)
        return;
    struct label_template *t = NULL;
    if (file_read(path, &text))
        t = label_template_parse(name, label_kind_of(name)->words, text.data, text.len, &fault);
    else
        label_fault_set(&fault, 0, "%s", strerror(errno));
    buf_finish(&text);
    if (t && (t->cells > 0) != cells) { // its turn is another round
        label_template_destroy(t);
        return;
    }
    bool ok = t && own_put(t, &fault);
    if (!ok && (t || !cells))
        log_error("label", NULL, "template %s:%d: %s; %s", path, fault.line, fault.text,
                  place_of(name) < shelf_count ? "the built-in one is used" : "it is left out");
    if (!ok)
        label_template_destroy(t);
    else
        log_info("label", NULL, "template %s is the office's own", name);
}

// In order of name; sheets of cells after what may stand in them.
static void folder_load(const char *folder)
{
    struct dirent **files;
    int count = scandir(folder, &files, NULL, alphasort);
    if (count < 0) {
        log_error("label", NULL, "label.templates %s: %s", folder, strerror(errno));
        return;
    }
    for (int i = 0; i < count; i++)
        own_load(folder, files[i]->d_name, false);
    for (int i = 0; i < count; i++) {
        own_load(folder, files[i]->d_name, true);
        free(files[i]);
    }
    free(files);
}

bool label_templates_load(struct label_fault *fault)
{
    if (!ours_load(fault))
        return false;
    if (conf.label_templates && *conf.label_templates)
        folder_load(conf.label_templates);
    return true;
}

const struct label_template *label_template_named(const char *name, const struct label_words *words)
{
    int place = place_of(name);
    const struct label_template *t = place < shelf_count ? shelf[place] : NULL;
    return t && (!words || t->words == words) ? t : NULL;
}

void label_templates_drop(void)
{
    while (shelf_count)
        label_template_destroy(shelf[--shelf_count]);
}
