#include "printing/spooler.h"

#include <event2/event.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "db/listen.h"
#include "label/label.h"
#include "printing/errand.h"
#include "printing/ipp.h"
#include "printing/print_db.h"

enum { IN_HAND = 64, THREADS = 12, THREAD_QUEUE = 256 };
enum { LOOK_MS = 1000, IDLE_MS = 30000, KEEP_S = 8, ASK_OFTEN = 12 };

static struct {
    struct app_loop *app;
    struct work_crew *crew;
    uint8_t instance[UUID_BYTES];
    struct event *look, *keep;
    struct errand *errands;
    int count;
    bool looking, wanted; // a claim is under way; another should follow it
} spooler;

static void errand_next(struct errand *e);
static void errand_ask(evutil_socket_t fd, short what, void *arg);

struct work_crew *spooler_crew(void)
{
    return spooler.crew;
}

void errand_say(struct errand *e, enum errand_end end, const char *trouble)
{
    e->end = end;
    snprintf(e->trouble, sizeof e->trouble, "%s", trouble ? trouble : "");
}

static void look_in(int milliseconds)
{
    struct timeval in = {milliseconds / 1000, milliseconds % 1000 * 1000};
    event_add(spooler.look, &in);
}

// --- the life of an errand -----------------------------------------------------------------------

static void text_take(char *out, size_t size, const json_t *from, const char *name)
{
    const char *text = json_text(from, name);
    snprintf(out, size, "%s", text ? text : "");
}

// NULL when the job is none that this program can print.
static struct errand *errand_create(const json_t *job)
{
    struct errand *e = calloc(1, sizeof *e);
    if (!e)
        die("out of memory");
    arena_init(&e->arena);
    e->loop = &spooler.app->loop;
    e->timer = evtimer_new(e->loop->base, errand_ask, e);
    e->format = label_format_named(json_text(job, "language"));
    e->template = label_template_named(json_text(job, "template"), &label_words);
    e->dpi = (int)json_int(job, "dpi", 203);
    e->remote = (int)json_int(job, "remote", 0);
    text_take(e->name, sizeof e->name, job, "name");
    text_take(e->unit, sizeof e->unit, job, "unit");
    text_take(e->test_code, sizeof e->test_code, job, "test_code");
    snprintf(e->subject, sizeof e->subject, "job=%s", json_text(job, "id"));
    bool good = uuid_parse(json_text(job, "id"), e->id) && e->timer &&
                print_uri_read(json_text(job, "uri"), &e->uri);
    e->line = e->uri.scheme == PRINT_SOCKET ? &line_raw : &line_ipp;
    e->next = spooler.errands;
    spooler.errands = e;
    spooler.count++;
    if (!good || !e->template || e->format == LABEL_FORMAT_COUNT)
        errand_say(e, ERRAND_FAILED, "drawing");
    return e;
}

static void errand_empty(struct errand *e)
{
    e->line->drop(e);
    event_free(e->timer);
    buf_finish(&e->document);
    arena_finish(&e->arena);
}

static void errand_destroy(struct errand *e)
{
    struct errand **at = &spooler.errands;
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    spooler.count--;
    errand_empty(e);
    free(e);
}

// The next job of this printer, or of another, may be due.
static void errand_over(struct errand *e)
{
    errand_destroy(e);
    look_in(0);
}

// --- telling the database ------------------------------------------------------------------------

static const char *const ends[] = {
    [ERRAND_PRINTED] = "printed",     [ERRAND_HELD] = "held",
    [ERRAND_AGAIN] = "again",         [ERRAND_FAILED] = "failed",
    [ERRAND_UNCERTAIN] = "uncertain", [ERRAND_CANCELLED] = "cancelled",
};

static void count_end(const struct errand *e)
{
    static const enum metric metrics[] = {
        [ERRAND_PRINTED] = METRIC_labels_printed,
        [ERRAND_AGAIN] = METRIC_prints_again,
        [ERRAND_FAILED] = METRIC_prints_failed,
        [ERRAND_UNCERTAIN] = METRIC_prints_uncertain,
    };
    if (e->end == ERRAND_HELD || e->end == ERRAND_CANCELLED)
        return;
    metric_add(metrics[e->end], 1);
    if (e->end != ERRAND_PRINTED)
        log_warn("label", e->subject, "%s: %s", ends[e->end], e->trouble);
}

static void told(void *arg, const struct db_result *r);

static void tell(struct errand *e)
{
    count_end(e);
    print_db_told(spooler.app->db, e->id, spooler.instance, ends[e->end], e->trouble, told, e);
}

static void ask_soon(struct errand *e)
{
    struct timeval in = {e->asked < ASK_OFTEN ? 0 : 3, e->asked < ASK_OFTEN ? 500000 : 0};
    e->asked++;
    event_add(e->timer, &in);
}

// When the database does not answer the job is left: whoever takes it over knows as much.
static void told(void *arg, const struct db_result *r)
{
    struct errand *e = arg;
    const char *next = r->err == ERR_OK && r->rows == 1 ? db_text(r, 0, 0) : "left";
    if (!next || strcmp(next, "left") == 0) {
        errand_over(e);
    } else if (strcmp(next, "next") == 0) {
        errand_next(e);
    } else {
        e->cancelling |= strcmp(next, "cancel") == 0;
        ask_soon(e);
    }
}

static void errand_ask(evutil_socket_t fd, short what, void *arg)
{
    struct errand *e = arg;
    (void)fd;
    (void)what;
    e->then = tell;
    if (e->cancelling)
        e->line->cancel(e);
    else
        e->line->ask(e);
}

// --- one sheet -----------------------------------------------------------------------------------

// The printer has a job without a document: it goes, whatever comes of that.
static void unwanted(struct errand *e)
{
    errand_over(e);
}

static void begun(void *arg, const struct db_result *r)
{
    struct errand *e = arg;
    if (r->err == ERR_OK && r->rows == 1 && db_bool(r, 0, 0)) {
        e->then = tell;
        e->line->send(e);
    } else if (e->remote) {
        e->then = unwanted;
        e->line->cancel(e);
    } else {
        errand_over(e);
    }
}

static void opened(struct errand *e)
{
    if (e->end == ERRAND_READY)
        print_db_begun(spooler.app->db, e->id, spooler.instance, e->remote, begun, e);
    else
        tell(e);
}

static void draw(void *arg)
{
    struct errand *e = arg;
    if (e->test_code[0]) {
        struct test_page page = {e->name, e->unit, e->test_code, e->dpi, e->template};
        e->drawn = test_page_draw(&page, e->format, &e->document, &e->fault);
    } else {
        struct label_page page = {e->template, e->labels, e->count};
        e->drawn = label_render_page(&page, e->dpi, e->format, &e->document, &e->fault);
    }
}

static void drawn(void *arg)
{
    struct errand *e = arg;
    if (!e->drawn) {
        log_error("label", e->subject, "%s", e->fault.text);
        errand_say(e, ERRAND_FAILED, "drawing");
        tell(e);
        return;
    }
    e->then = opened;
    e->line->open(e);
}

static bool values_take(struct errand *e, const struct db_result *r)
{
    if (e->test_code[0])
        return true;
    snprintf(e->number, sizeof e->number, "%s", db_text(r, 0, 0));
    e->count = r->rows;
    e->labels = arena_alloc(&e->arena, (size_t)r->rows * sizeof *e->labels);
    for (int i = 0; i < r->rows; i++) {
        struct label_data *data = arena_alloc(&e->arena, sizeof *data);
        e->labels[i] = data;
        if (!label_values(&e->arena, e->template, r, i, 1, data))
            return false;
    }
    return true;
}

static void sheet_given(void *arg, const struct db_result *r)
{
    struct errand *e = arg;
    if (r->err != ERR_OK || r->rows < 1) {
        errand_over(e);
    } else if (!values_take(e, r)) {
        errand_say(e, ERRAND_FAILED, "erased");
        tell(e);
    } else if (!work_submit(spooler.app->crew, e->loop, draw, drawn, e)) {
        errand_say(e, ERRAND_AGAIN, "busy");
        tell(e);
    }
}

static void errand_next(struct errand *e)
{
    e->line->drop(e);
    buf_reset(&e->document);
    arena_finish(&e->arena);
    arena_init(&e->arena);
    e->remote = e->asked = 0;
    e->silent_since = 0;
    e->cut = e->cancelling = false;
    print_db_next(spooler.app->db, e->id, spooler.instance, label_template_places(e->template),
                  sheet_given, e);
}

// A job that somebody else began goes on with the question what became of it.
static void errand_begin(struct errand *e, bool begun_before)
{
    if (e->end == ERRAND_FAILED) {
        tell(e);
    } else if (begun_before && e->remote && e->line->ask) {
        e->cut = true;
        e->then = tell;
        e->line->ask(e);
    } else if (begun_before) {
        errand_say(e, ERRAND_UNCERTAIN, "interrupted");
        tell(e);
    } else {
        errand_next(e);
    }
}

// --- taking jobs ---------------------------------------------------------------------------------

static void claimed(void *arg, const struct db_result *r)
{
    size_t len, i;
    json_t *job;
    (void)arg;
    spooler.looking = false;
    if (r->err != ERR_OK || r->rows != 1) {
        look_in(LOOK_MS);
        return;
    }
    const char *text = db_json(r, 0, 0, &len);
    json_t *given = json_loadb(text, len, 0, NULL);
    json_array_foreach(json_object_get(given, "taken"), i, job)
    {
        errand_begin(errand_create(job), json_bool(job, "begun"));
    }
    int64_t wait = json_int(given, "wait", IDLE_MS);
    json_decref(given);
    look_in(spooler.wanted ? 0 : (int)(wait < LOOK_MS ? LOOK_MS : wait > IDLE_MS ? IDLE_MS : wait));
    spooler.wanted = false;
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    if (spooler.looking) {
        spooler.wanted = true;
    } else if (!db_ready(spooler.app->db)) {
        look_in(LOOK_MS);
    } else if (spooler.count < IN_HAND) { // else an errand that ends looks again
        spooler.looking = true;
        print_db_claim(spooler.app->db, spooler.instance, IN_HAND - spooler.count, claimed, NULL);
    }
}

static void heard(void *arg, const char *payload)
{
    (void)arg;
    (void)payload;
    if (spooler.app)
        look_in(0);
}

static void kept(void *arg, const struct db_result *r)
{
    (void)arg;
    if (r->err != ERR_OK)
        log_warn("label", NULL, "jobs in hand could not be kept: %s", err_row(r->err)->slug);
}

static void on_keep(evutil_socket_t fd, short what, void *arg)
{
    uint8_t ids[IN_HAND][UUID_BYTES];
    int count = 0;
    (void)fd;
    (void)what;
    (void)arg;
    for (struct errand *e = spooler.errands; e && count < IN_HAND; e = e->next)
        memcpy(ids[count++], e->id, UUID_BYTES);
    if (count)
        print_db_kept(spooler.app->db, spooler.instance, ids, count, kept, NULL);
}

// --- the service ---------------------------------------------------------------------------------

bool spooler_setup(void)
{
    spooler.crew = work_create(THREADS, THREAD_QUEUE);
    return spooler.crew != NULL;
}

bool spooler_open(struct app_loop *app)
{
    struct timeval keep = {KEEP_S, 0};
    if (app->loop.index != 0)
        return true;
    randombytes_buf(spooler.instance, sizeof spooler.instance);
    spooler.app = app;
    spooler.look = evtimer_new(app->loop.base, on_look, NULL);
    spooler.keep = event_new(app->loop.base, -1, EV_PERSIST, on_keep, NULL);
    if (!spooler.look || !spooler.keep || event_add(spooler.keep, &keep) != 0)
        return false;
    listener_add(app->notices, "label_job", &app->loop, heard, NULL);
    look_in(LOOK_MS);
    return true;
}

static void nothing_follows(struct errand *e)
{
    (void)e;
}

// What the printing threads have posted comes yet, and finds its errand at rest.
void spooler_close(struct app_loop *app)
{
    if (app != spooler.app)
        return;
    ipp_stop();
    work_destroy(spooler.crew);
    spooler.crew = NULL;
    for (struct errand *e = spooler.errands; e; e = e->next) {
        e->then = nothing_follows;
        errand_empty(e);
    }
    line_raw_close();
    event_free(spooler.look);
    event_free(spooler.keep);
    spooler.app = NULL;
}
