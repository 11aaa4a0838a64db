#include "cmd/label.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "cmd/label_batch.h"
#include "cmd/label_facts.h"
#include "cmd/out_file.h"
#include "label/label.h"

const char cmd_label_usage[] =
    "usage: dossierpost label FILE.json [--template NAME|FILE.svg]\n"
    "                         [--format pdf|png|svg|zpl|tspl|escpos] [--dpi 203|300|600]\n"
    "                         [--out FILE] [--jobs N] [--progress]\n"
    "FILE.json may be - for standard input; without --out the label goes to standard output.\n"
    "Its member \"paper\" says what it is of: shipment (when absent), bag, invitation,\n"
    "dispatch_note, handover_list, form; the last three are papers of any length, drawn as PDF,\n"
    "and a form needs its template.\n"
    "Many labels, in an array or one behind the other (.jsonl), become one PDF, or what a printer\n"
    "is sent for each, drawn by N threads.\n";

struct wish {
    const char *facts, *template, *format, *dpi, *out, *jobs;
    bool progress;
};

static bool jobs_fit(const char *text)
{
    char *end;
    long jobs = strtol(text, &end, 10);
    return !*end && jobs >= 1 && jobs <= LABEL_BATCH_JOBS;
}

static bool wish_read(struct wish *wish, int argc, char **argv)
{
    *wish = (struct wish){.format = "pdf", .dpi = "203", .out = "-"};
    const struct {
        const char *name, **value;
    } options[] = {{"--template", &wish->template},
                   {"--format", &wish->format},
                   {"--dpi", &wish->dpi},
                   {"--out", &wish->out},
                   {"--jobs", &wish->jobs}};
    for (int i = 1; i < argc; i++) {
        bool known = strcmp(argv[i], "--progress") == 0;
        wish->progress = wish->progress || known;
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
    return wish->facts && label_format_named(wish->format) != LABEL_FORMAT_COUNT &&
           (!wish->jobs || jobs_fit(wish->jobs));
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
    struct out_file out = {.path = path};
    bool ok = out_file_write(&out, data->data, data->len);
    ok = out_file_end(&out, ok);
    if (!ok)
        fprintf(stderr, "dossierpost label: %s: %s\n", path, strerror(errno));
    return ok;
}

// A file of the designer, parsed here and now, of the kind the facts are.
static struct label_template *template_read(const char *path, const struct label_kind *kind)
{
    struct buf text = {0};
    struct label_fault fault;
    struct label_template *t = NULL;
    if (file_read(path, &text)) {
        t = label_template_parse(path, kind->words, text.data, text.len, &fault);
        if (!t || !label_template_link(t, &fault)) {
            fprintf(stderr, "%s:%d: %s\n", path, fault.line, fault.text);
            label_template_destroy(t);
            t = NULL;
        }
    }
    buf_finish(&text);
    return t;
}

struct task {
    const struct wish *wish;
    const struct label_kind *kind;
    struct label_way way;
    struct label_source source;
};

static const char *draw_label(const struct task *task, struct arena *arena, const char *text,
                              struct buf *out)
{
    struct label_fault *fault = arena_alloc(arena, sizeof *fault);
    struct label_data data;
    const char *number;
    const char *problem = label_facts_data(arena, task->kind, text, &task->source, &data, &number);
    if (!problem && !label_render(task->way.t, &data, task->way.dpi, task->way.format, out, fault))
        problem = fault->text;
    return problem;
}

static const char *draw_sheet(const struct task *task, struct arena *arena, const char *text,
                              struct buf *out)
{
    struct label_fault *fault = arena_alloc(arena, sizeof *fault);
    const char *problem;
    if (task->way.format != LABEL_PDF)
        return "a paper of any length is drawn as PDF";
    json_t *facts = label_facts_read(arena, task->kind, text, &problem);
    const struct sheet *sheet = NULL;
    if (facts)
        sheet = task->kind->fill ? task->kind->fill(arena, task->way.t, facts, &task->source)
                                 : task->kind->lay(arena, facts, &task->source);
    if (facts && !sheet)
        problem = label_facts_no_number(task->kind);
    else if (sheet && !sheet_render(task->way.t, sheet, out, fault))
        problem = fault->text;
    json_decref(facts);
    return problem;
}

static bool draw_one(const struct task *task, const char *text)
{
    struct buf out = {0};
    struct arena arena;
    arena_init(&arena);
    const char *problem = task->kind->make ? draw_label(task, &arena, text, &out)
                                           : draw_sheet(task, &arena, text, &out);
    if (problem)
        fprintf(stderr, "dossierpost label: %s: %s\n", task->wish->facts, problem);
    bool ok = !problem && file_write(task->wish->out, &out);
    buf_finish(&out);
    arena_finish(&arena);
    return ok;
}

static bool draw_many(const struct task *task, struct label_facts *facts, struct buf *first)
{
    const struct wish *wish = task->wish;
    struct label_batch_wish batch = {.way = task->way,
                                     .kind = task->kind,
                                     .source = &task->source,
                                     .out = wish->out,
                                     .progress = wish->progress};
    batch.jobs = wish->jobs ? (int)strtol(wish->jobs, NULL, 10) : 0;
    if (task->kind->make && label_part_joins(task->way.format))
        return label_batch_make(&batch, facts, first);
    fprintf(stderr,
            "dossierpost label: %s is a file for each %s; many labels go into pdf, zpl, tspl or "
            "escpos\n",
            wish->format, task->kind->make ? "label" : "paper");
    return false;
}

static bool draw(const struct wish *wish, const struct label_kind *kind,
                 const struct label_template *t, struct label_facts *facts, struct buf *first)
{
    struct label_links links;
    struct buf listen = {0};
    buf_printf(&listen, "http://%s", conf.listen);
    const char *url = conf.public_url[0] ? conf.public_url : listen.data;
    label_links_make(&links, url);
    struct task task = {.wish = wish, .kind = kind};
    task.way =
        (struct label_way){t, (int)strtol(wish->dpi, NULL, 10), label_format_named(wish->format)};
    task.source = (struct label_source){label_keys(), &links, clock_now(), conf.demo, url};
    bool ok =
        label_facts_many(facts) ? draw_many(&task, facts, first) : draw_one(&task, first->data);
    buf_finish(&listen);
    return ok;
}

// The first of the facts says of which kind they are, and so which template is meant.
static bool draw_with(const struct wish *wish, struct label_facts *facts, struct buf *first)
{
    const struct label_kind *kind = label_facts_kind(first->data);
    if (!kind)
        return false;
    const char *name = wish->template ? wish->template : kind->words->kind;
    bool file = strchr(name, '/') || strstr(name, ".svg");
    struct label_template *own = file ? template_read(name, kind) : NULL;
    const struct label_template *t = file ? own : label_template_named(name, kind->words);
    if (!t && !file)
        fprintf(stderr, "dossierpost label: there is no template %s of the kind %s\n", name,
                kind->words->kind);
    bool ok = t && draw(wish, kind, t, facts, first);
    label_template_destroy(own);
    return ok;
}

static bool label_make(const struct wish *wish)
{
    struct label_facts facts;
    struct buf first = {0};
    if (!label_facts_open(&facts, wish->facts))
        return false;
    bool ok = label_facts_next(&facts, &first) == LABEL_FACTS_ONE;
    if (!ok)
        fprintf(stderr, "dossierpost label: %s: %s\n", wish->facts,
                err_row(ERR_INVALID_JSON)->title_en);
    ok = ok && draw_with(wish, &facts, &first);
    buf_finish(&first);
    label_facts_close(&facts);
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
