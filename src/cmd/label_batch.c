#include "cmd/label_batch.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/out_file.h"
#include "label/batch.h"

enum { PART = 100 };

struct texts {        // input of a part
    int first, count; // the place of the first in the file
    char *list[PART];
};

struct run {
    const struct label_batch_wish *wish;
    struct label_facts *facts;
    struct buf *text; // that was read and is in no part yet
    struct loop loop;
    struct out_file file;
    int drawn, problems;
    bool telling, told; // how far it is; on the line that the cursor is in
    bool ended, broken, whole;
};

// --- in ------------------------------------------------------------------------------------------

static bool text_next(struct run *run)
{
    if (run->text->len > 0)
        return true;
    if (run->ended)
        return false;
    enum label_facts_found found = label_facts_next(run->facts, run->text);
    run->ended = found != LABEL_FACTS_ONE;
    run->broken = found == LABEL_FACTS_BROKEN;
    return !run->ended;
}

static void run_fill(void *arg, struct label_part *part)
{
    struct run *run = arg;
    struct texts *texts = arena_alloc(&part->arena, sizeof *texts);
    while (texts->count < part->room && text_next(run)) {
        if (texts->count == 0)
            texts->first = run->facts->count;
        texts->list[texts->count++] = arena_copy(&part->arena, run->text->data, run->text->len);
        buf_reset(run->text);
    }
    part->input = texts->count > 0 ? texts : NULL;
    label_batch_filled(part);
}

static void run_make(void *arg, struct label_part *part)
{
    const struct run *run = arg;
    const struct texts *texts = part->input;
    for (int i = 0; i < texts->count; i++) {
        struct label_data *data = arena_alloc(&part->arena, sizeof *data);
        const char *number, *name;
        const char *problem = label_facts_data(&part->arena, run->wish->kind, texts->list[i],
                                               run->wish->source, data, &number);
        name = arena_printf(&part->arena, "label %d%s%s", texts->first + i, number ? ", " : "",
                            number ? number : "");
        if (problem)
            label_part_refuse(part, name, problem);
        else
            label_part_add(part, name, data);
    }
}

// --- out -----------------------------------------------------------------------------------------

static void tell(struct run *run, int drawn)
{
    if (run->telling && drawn > run->drawn) {
        fprintf(stderr, "\r%d labels", drawn);
        run->told = true;
    }
    run->drawn = drawn;
}

static void tell_end(struct run *run)
{
    if (run->told)
        fputc('\n', stderr);
    run->told = false;
}

static enum label_put run_put(void *arg, const void *data, size_t len, int drawn)
{
    struct run *run = arg;
    if (!out_file_write(&run->file, data, len)) {
        fprintf(stderr, "dossierpost label: %s: %s\n", run->wish->out, strerror(errno));
        return LABEL_PUT_STOP;
    }
    tell(run, drawn);
    return LABEL_PUT_GO_ON;
}

static void run_problem(void *arg, const char *name, const char *problem)
{
    struct run *run = arg;
    run->problems++;
    tell_end(run);
    fprintf(stderr, "dossierpost label: %s: %s\n", name, problem);
}

static void run_done(void *arg, bool whole)
{
    struct run *run = arg;
    run->whole = whole;
    loop_stop(&run->loop);
}

// A stream that lacks its end is of no use to anybody.
static bool file_end(struct run *run)
{
    if (!run->file.to)
        return false;
    bool ok = out_file_end(&run->file, run->whole);
    if (!ok && run->whole)
        fprintf(stderr, "dossierpost label: %s: %s\n", run->wish->out, strerror(errno));
    return ok;
}

static const struct label_batch_calls calls = {run_fill, run_make, run_put, run_problem, run_done};

bool label_batch_make(const struct label_batch_wish *wish, struct label_facts *facts,
                      struct buf *first)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int jobs = wish->jobs                 ? wish->jobs
               : cores < 1                ? 1
               : cores < LABEL_BATCH_JOBS ? (int)cores
                                          : LABEL_BATCH_JOBS;
    struct run run = {.wish = wish, .facts = facts, .text = first, .file.path = wish->out};
    run.telling = wish->progress || isatty(STDERR_FILENO);
    struct work_crew *crew = work_create(jobs, 2 * jobs + 2);
    if (!crew || !loop_init(&run.loop, 0))
        die("no threads to draw with");
    struct label_batch_plan plan = {.way = wish->way,
                                    .loop = &run.loop,
                                    .crew = crew,
                                    .parts = 2 * jobs,
                                    .size = label_part_size(&wish->way, PART),
                                    .calls = &calls,
                                    .arg = &run};
    (void)label_batch_begin(&plan);
    loop_run(&run.loop);
    work_destroy(crew);
    loop_finish(&run.loop);
    if (run.broken)
        run_problem(&run, facts->path, "from here on it is not JSON");
    tell_end(&run);
    return file_end(&run) && run.problems == 0;
}
