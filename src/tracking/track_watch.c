#include "tracking/track_watch.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/compiler.h"
#include "base/log.h"
#include "http/capability.h"
#include "http/sse.h"
#include "tracking/track_changes.h"
#include "tracking/track_db.h"
#include "tracking/track_look.h"
#include "tracking/track_loops.h"

enum { BUCKETS = 4096, AT_ONCE = 64, LOOK_EVERY_S = 10 };

struct place {
    LIST_ENTRY(place) entry;
    struct watcher *watcher;
    uint64_t subject;
};

struct watcher {
    TAILQ_ENTRY(watcher) entry; // of all, or of those to be told
    struct watching *home;
    struct stream *stream;
    bool due;   // it may have to be told something
    bool asked; // in the question under way
    uint8_t dossier[UUID_BYTES];
    char tag[TRACK_TAG]; // of the answer sent last
    int64_t until;       // when what it was told changes of itself, clock_now
    int count;
    struct place *places;
};

TAILQ_HEAD(watchers, watcher);

struct watching {
    struct app_loop *app;
    LIST_HEAD(, place) buckets[BUCKETS];
    struct watchers all, due;
    bool asking;
    uint64_t mark; // of the question under way
    struct event *look;
};

static int slot; // in app->cap

// --- who watches ---------------------------------------------------------------------------------

static void leave_places(struct watcher *one)
{
    for (int i = 0; i < one->count; i++)
        LIST_REMOVE(&one->places[i], entry);
    free(one->places);
    one->places = NULL;
    one->count = 0;
}

static void follow(struct watcher *one, const struct track_answer *answer)
{
    leave_places(one);
    one->until = answer->until;
    one->places = calloc((size_t)answer->count, sizeof *one->places);
    if (!one->places)
        die("out of memory");
    one->count = answer->count;
    for (int i = 0; i < one->count; i++) {
        struct place *place = &one->places[i];
        place->watcher = one;
        place->subject = answer->subjects[i];
        LIST_INSERT_HEAD(&one->home->buckets[place->subject % BUCKETS], place, entry);
    }
}

static void make_due(struct watcher *one, bool due)
{
    struct watching *home = one->home;
    if (one->due == due)
        return;
    TAILQ_REMOVE(one->due ? &home->due : &home->all, one, entry);
    TAILQ_INSERT_TAIL(due ? &home->due : &home->all, one, entry);
    one->due = due;
}

static void left(void *arg)
{
    struct watcher *one = arg;
    if (one->home) {
        TAILQ_REMOVE(one->due ? &one->home->due : &one->home->all, one, entry);
        leave_places(one);
        track_loops_watchers(one->home->app, -1);
    }
    free(one);
}

static void tell(struct watcher *one, const struct track_answer *answer)
{
    memcpy(one->tag, answer->tag, sizeof one->tag);
    stream_send(one->stream, answer->tag, "track", answer->json.data);
}

static void ask(struct watching *all);

static void begin(struct watcher *one, struct watching *all, const struct track_answer *answer)
{
    one->home = all;
    TAILQ_INSERT_TAIL(&all->all, one, entry);
    follow(one, answer);
    track_loops_watchers(all->app, 1);
    if (strcmp(one->tag, answer->tag) != 0)
        tell(one, answer);
    if (!subjects_hold(answer->subjects, answer->count, answer->mark)) {
        make_due(one, true);
        ask(all);
    }
}

void track_watch(struct request *req, const struct track_answer *answer, const char *seen)
{
    struct watching *all = req->app->cap[slot];
    struct watcher *one = calloc(1, sizeof *one);
    const char *last = request_header(req, "Last-Event-ID");
    if (!one)
        die("out of memory");
    memcpy(one->dossier, answer->dossier, sizeof one->dossier);
    snprintf(one->tag, sizeof one->tag, "%s", last ? last : seen ? seen : "");
    struct stream *stream = stream_open(req, left, one);
    if (stream) {
        one->stream = stream;
        begin(one, all, answer);
    }
}

// --- what changed --------------------------------------------------------------------------------

// Where subjects changed again since the question was put, it is put once more.
static void changed_one(struct watching *all, struct track_answer *answer)
{
    struct watcher *one, *next;
    bool holds = subjects_hold(answer->subjects, answer->count, answer->mark);
    for (one = TAILQ_FIRST(&all->due); one; one = next) {
        next = TAILQ_NEXT(one, entry);
        if (memcmp(one->dossier, answer->dossier, UUID_BYTES) != 0)
            continue;
        follow(one, answer);
        one->asked = false;
        if (strcmp(one->tag, answer->tag) != 0)
            tell(one, answer);
        if (holds)
            make_due(one, false);
    }
}

// Who was asked about and not answered: at a failure it stays due until the next news; else its
// dossier is no more.
static void settle(struct watching *all, bool failed)
{
    struct watcher *one, *next;
    for (one = TAILQ_FIRST(&all->due); one; one = next) {
        next = TAILQ_NEXT(one, entry);
        if (one->asked && !failed)
            make_due(one, false);
        one->asked = false;
    }
}

static void asked(void *arg, const struct db_result *r)
{
    struct watching *all = arg;
    all->asking = false;
    for (int row = 0; r->err == ERR_OK && row < r->rows; row++) {
        struct track_answer *answer = track_answer_read(r, row, all->mark);
        changed_one(all, answer);
        track_answer_release(answer);
    }
    settle(all, r->err != ERR_OK);
    if (r->err != ERR_OK)
        log_warn("track", NULL, "watchers could not be told: %s", err_row(r->err)->slug);
    else
        ask(all);
}

static void ask(struct watching *all)
{
    uint8_t ids[AT_ONCE][UUID_BYTES];
    int count = 0;
    if (all->asking)
        return;
    for (struct watcher *one = TAILQ_FIRST(&all->due); one && count < AT_ONCE;
         one = TAILQ_NEXT(one, entry)) {
        if (count == 0 || memcmp(ids[count - 1], one->dossier, UUID_BYTES) != 0)
            memcpy(ids[count++], one->dossier, UUID_BYTES);
        one->asked = true;
    }
    if (count == 0)
        return;
    all->asking = true;
    all->mark = changes_mark();
    track_db_look_all(all->app->db, (const uint8_t(*)[UUID_BYTES])ids, count, asked, all);
}

static void news(struct app_loop *app, const struct news_changes *changes)
{
    struct watching *all = app->cap[slot];
    struct place *place;
    struct watcher *one;
    for (int i = 0; i < changes->count; i++) {
        uint64_t subject = changes->subjects[i];
        LIST_FOREACH(place, &all->buckets[subject % BUCKETS], entry)
        {
            if (place->subject == subject)
                make_due(place->watcher, true);
        }
    }
    while (changes->all && (one = TAILQ_FIRST(&all->all)))
        make_due(one, true);
    ask(all);
}

// A page left open over midnight counts its days on.
static void on_look(evutil_socket_t fd, short what, void *arg)
{
    struct watching *all = arg;
    struct watcher *one, *next;
    int64_t now = clock_now();
    for (one = TAILQ_FIRST(&all->all); one; one = next) {
        next = TAILQ_NEXT(one, entry);
        if (one->until <= now)
            make_due(one, true);
    }
    ask(all);
}

// --- the loop's share ----------------------------------------------------------------------------

bool track_watch_setup(void)
{
    slot = capability_slot();
    track_loops_tell(news);
    return true;
}

bool track_watch_open(struct app_loop *app)
{
    struct timeval every = {.tv_sec = LOOK_EVERY_S};
    struct watching *all = calloc(1, sizeof *all);
    if (!all)
        return false;
    all->app = app;
    TAILQ_INIT(&all->all);
    TAILQ_INIT(&all->due);
    app->cap[slot] = all;
    all->look = event_new(app->loop.base, -1, EV_PERSIST, on_look, all);
    return all->look && event_add(all->look, &every) == 0;
}

void track_watch_close(struct app_loop *app)
{
    struct watching *all = app->cap[slot];
    if (all && all->look)
        event_free(all->look);
    free(all);
    app->cap[slot] = NULL;
}
