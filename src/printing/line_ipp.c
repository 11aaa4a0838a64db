#include <string.h>

#include "base/clock.h"
#include "printing/errand.h"
#include "printing/ipp.h"
#include "printing/spooler.h"

// A line to an IPP printer. The printer numbers the job before it has the document, so that after
// any accident it can be asked what became of it. Each step is one turn of a printing thread.

enum { SILENCE_S = 60 };

struct ipp_line {
    struct ipp_printer printer;
    struct ipp_job job;
};

static void back(void *arg)
{
    struct errand *e = arg;
    e->then(e);
}

static void run(struct errand *e, loop_task *step)
{
    if (work_submit(spooler_crew(), e->loop, step, back, e))
        return;
    errand_say(e, e->remote ? ERRAND_HELD : ERRAND_AGAIN, "busy");
    loop_defer(e->loop, back, e);
}

// --- opening -------------------------------------------------------------------------------------

static void say_unopened(struct errand *e, const struct ipp_told *told)
{
    bool never = told->end == TOLD_NEVER || told->end == TOLD_GONE;
    errand_say(e, never ? ERRAND_FAILED : ERRAND_AGAIN, told->trouble);
}

static void open_step(void *arg)
{
    struct errand *e = arg;
    struct ipp_line *line = arena_alloc(&e->arena, sizeof *line);
    char name[UUID_TEXT + 24];
    struct ipp_told told = ipp_look(&e->uri, label_format_type(e->format), &line->printer);
    e->held = line;
    e->remote = 0;
    snprintf(name, sizeof name, "dossierpost %s", e->number[0] ? e->number : e->test_code);
    if (told.end != TOLD_DONE) {
        say_unopened(e, &told);
    } else if (!line->printer.accepting) {
        errand_say(e, ERRAND_AGAIN, "not-accepting");
    } else if (!line->printer.format[0]) {
        errand_say(e, ERRAND_FAILED, "format");
    } else {
        told = ipp_create(&e->uri, &line->printer, name, e->template->width, e->template->height,
                          &e->remote);
        if (told.end == TOLD_DONE)
            errand_say(e, ERRAND_READY, NULL);
        else
            say_unopened(e, &told);
    }
}

static void ipp_line_open(struct errand *e)
{
    run(e, open_step);
}

// --- sending -------------------------------------------------------------------------------------

// What the printer did not take it need not keep.
static void send_step(void *arg)
{
    struct errand *e = arg;
    const struct ipp_line *line = e->held;
    struct ipp_told told = ipp_send(&e->uri, e->remote, line->printer.format, &e->document);
    e->cut = told.end == TOLD_SILENT;
    if (told.end == TOLD_DONE) {
        errand_say(e, ERRAND_HELD, NULL);
    } else if (e->cut) {
        errand_say(e, ERRAND_HELD, "cut");
    } else {
        errand_say(e, told.end == TOLD_NEVER ? ERRAND_FAILED : ERRAND_AGAIN, told.trouble);
        if (told.end != TOLD_UNREACHABLE)
            told = ipp_cancel(&e->uri, e->remote);
    }
}

static void ipp_line_send(struct errand *e)
{
    run(e, send_step);
}

// --- asking --------------------------------------------------------------------------------------

static void say_unanswered(struct errand *e, const struct ipp_told *told)
{
    int64_t now = clock_monotonic();
    if (!e->silent_since)
        e->silent_since = now;
    if (told->end == TOLD_GONE)
        errand_say(e, ERRAND_UNCERTAIN, "forgotten");
    else if (told->end == TOLD_NEVER || now - e->silent_since > SILENCE_S * 1000000LL)
        errand_say(e, ERRAND_UNCERTAIN, told->trouble);
    else
        errand_say(e, ERRAND_HELD, told->trouble);
}

// A document that broke off is never printed from a job that still waits for it, once that is gone.
static void say_broken(struct errand *e)
{
    struct ipp_told told = ipp_cancel(&e->uri, e->remote);
    errand_say(e, told.end == TOLD_DONE ? ERRAND_AGAIN : ERRAND_HELD, "cut");
}

static void say_working(struct errand *e, const struct ipp_job *job)
{
    struct ipp_printer printer;
    if (e->cut && job->incoming && job->state <= 4) {
        say_broken(e);
        return;
    }
    struct ipp_told told = ipp_look(&e->uri, NULL, &printer);
    bool fault = told.end == TOLD_DONE && printer.count > 0;
    errand_say(e, ERRAND_HELD, fault ? printer.reasons[0] : NULL);
}

static void ask_step(void *arg)
{
    struct errand *e = arg;
    struct ipp_job job;
    struct ipp_told told = ipp_ask(&e->uri, e->remote, &job);
    if (told.end != TOLD_DONE) {
        say_unanswered(e, &told);
        return;
    }
    e->silent_since = 0;
    if (job.state == 9)
        errand_say(e, ERRAND_PRINTED, NULL);
    else if (job.state == 8)
        errand_say(e, ERRAND_FAILED, "aborted");
    else if (job.state == 7)
        errand_say(e, e->cancelling ? ERRAND_CANCELLED : ERRAND_FAILED, "canceled");
    else
        say_working(e, &job);
}

static void ipp_line_ask(struct errand *e)
{
    run(e, ask_step);
}

static void cancel_step(void *arg)
{
    struct errand *e = arg;
    struct ipp_told told = ipp_cancel(&e->uri, e->remote);
    e->cancelling = e->cancelling || told.end == TOLD_DONE;
    ask_step(e);
}

static void ipp_line_cancel(struct errand *e)
{
    run(e, cancel_step);
}

static void ipp_line_drop(struct errand *e)
{
    e->held = NULL;
}

const struct line line_ipp = {ipp_line_open, ipp_line_send, ipp_line_ask, ipp_line_cancel,
                              ipp_line_drop};
