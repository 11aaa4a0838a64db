#include "cmd/label.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "label/label.h"
#include "label/render.h"

const char cmd_label_usage[] =
    "usage: dossierpost label FILE.json [--template NAME|FILE.svg] [--format pdf|png|svg]\n"
    "                         [--dpi 203|300|600] [--out FILE]\n"
    "FILE.json may be - for standard input; without --out the label goes to standard output.\n";

struct wish {
    const char *facts, *template, *format, *dpi, *out;
};

static bool wish_read(struct wish *wish, int argc, char **argv)
{
    *wish = (struct wish){.template = "shipment", .format = "pdf", .dpi = "203", .out = "-"};
    const struct {
        const char *name, **value;
    } options[] = {{"--template", &wish->template},
                   {"--format", &wish->format},
                   {"--dpi", &wish->dpi},
                   {"--out", &wish->out}};
    for (int i = 1; i < argc; i++) {
        bool known = false;
        for (size_t k = 0; k < countof(options); k++) {
            if (strcmp(argv[i], options[k].name) == 0 && i + 1 < argc) {
                *options[k].value = argv[++i];
                known = true;
            }
        }
        if (known)
            continue;
        if (wish->facts || (argv[i][0] == '-' && argv[i][1]))
            return false;
        wish->facts = argv[i];
    }
    return wish->facts && label_format_named(wish->format) != LABEL_FORMAT_COUNT;
}

static bool file_read(const char *path, struct buf *out)
{
    char part[16384];
    size_t got;
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "re");
    if (!file) {
        fprintf(stderr, "dossierpost label: %s: %s\n", path, strerror(errno));
        return false;
    }
    while (out->len < (1 << 20) && (got = fread(part, 1, sizeof part, file)) > 0)
        buf_add(out, part, got);
    bool ok = !ferror(file);
    if (!standard)
        fclose(file);
    return ok && out->len > 0;
}

static bool file_write(const char *path, const struct buf *data)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdout : fopen(path, "we");
    bool ok = file && fwrite(data->data, 1, data->len, file) == data->len;
    if (file)
        ok = (standard ? fflush(file) : fclose(file)) == 0 && ok;
    if (!ok)
        fprintf(stderr, "dossierpost label: %s: %s\n", path, strerror(errno));
    return ok;
}

static json_t *facts_read(struct arena *arena, const char *path)
{
    struct buf text = {0};
    struct json_errors errors = {0};
    json_t *facts = NULL;
    if (!file_read(path, &text)) {
        buf_finish(&text);
        return NULL;
    }
    enum err err = json_read(arena, text.data, text.len, label_facts_shape, &facts, &errors);
    if (err != ERR_OK)
        fprintf(stderr, "dossierpost label: %s: %s\n", path, err_row(err)->title_en);
    for (int i = 0; i < errors.count; i++)
        fprintf(stderr, "  %s: %s\n", errors.list[i].pointer, errors.list[i].detail_en);
    buf_finish(&text);
    if (err != ERR_OK) {
        json_decref(facts);
        facts = NULL;
    }
    return facts;
}

// A file of the designer, parsed here and now; or one of ours.
static struct label_template *template_read(const char *path)
{
    struct buf text = {0};
    struct label_fault fault;
    struct label_template *t = NULL;
    if (file_read(path, &text)) {
        t = label_template_parse(path, &label_words, text.data, text.len, &fault);
        if (!t)
            fprintf(stderr, "%s:%d: %s\n", path, fault.line, fault.text);
    }
    buf_finish(&text);
    return t;
}

static bool draw(const struct wish *wish, const struct label_template *t, struct arena *arena,
                 const json_t *facts)
{
    struct label_links links;
    struct label_data data;
    struct label_fault fault;
    struct buf out = {0};
    label_links_make(&links, conf.public_url[0] ? conf.public_url
                                                : arena_printf(arena, "http://%s", conf.listen));
    struct label_source source = {label_keys(), &links, clock_now(), conf.demo};
    if (!label_data_make(arena, facts, &source, &data)) {
        fprintf(stderr, "dossierpost label: the number is not a valid S10 number\n");
        return false;
    }
    bool ok = label_render(t, &data, (int)strtol(wish->dpi, NULL, 10),
                           label_format_named(wish->format), &out, &fault);
    if (!ok)
        fprintf(stderr, "dossierpost label: %s\n", fault.text);
    ok = ok && file_write(wish->out, &out);
    buf_finish(&out);
    return ok;
}

static bool label_make(const struct wish *wish)
{
    struct arena arena;
    bool file = strchr(wish->template, '/') || strstr(wish->template, ".svg");
    struct label_template *own = file ? template_read(wish->template) : NULL;
    const struct label_template *t =
        file ? own : label_template_named(wish->template, &label_words);
    if (!t) {
        if (!file)
            fprintf(stderr, "dossierpost label: there is no template %s\n", wish->template);
        return false;
    }
    arena_init(&arena);
    json_t *facts = facts_read(&arena, wish->facts);
    bool ok = facts && draw(wish, t, &arena, facts);
    json_decref(facts);
    arena_finish(&arena);
    label_template_destroy(own);
    return ok;
}

int cmd_label(int argc, char **argv)
{
    struct wish wish;
    if (!wish_read(&wish, argc, argv)) {
        fputs(cmd_label_usage, stderr);
        return 2;
    }
    bool ok = label_setup() && label_make(&wish);
    label_finish();
    return ok ? 0 : 1;
}
