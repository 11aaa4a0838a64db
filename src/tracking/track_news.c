#include "tracking/track_news.h"

#include <event2/event.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/log.h"
#include "custody/custody.h"
#include "db/listen.h"
#include "http/capability.h"
#include "http/respond.h"
#include "tracking/track_changes.h"
#include "tracking/track_db.h"

enum { MOST = 20000, EVERY_MS = 400, GAP_MS = 8, AWAKE_US = 30000000, SURE_US = 1000000 };

struct waiting {
    STAILQ_ENTRY(waiting) next;
    track_news_go *go;
    void *arg;
    int64_t since;
};

// A loop's share.
struct news_loop {
    STAILQ_HEAD(, waiting) waiting;
    int watchers;
};

// On their way to the loops; freed by the last.
struct changes {
    atomic_int refs;
    bool all, failed;
    int64_t began; // the question that they answer
    int count;
    uint64_t subjects[];
};

static int slot; // in app->cap
static track_news_changed *tell;
static struct app_loop *loops[64];
static int loop_count;

// Any thread.
static _Atomic uint64_t settled, written;
static _Atomic int64_t settled_at, asked_at, from, told;
static atomic_bool wanted;
static atomic_int watching;

// The first loop's.
static struct {
    struct db *db;
    struct event *timer;
    bool running, closed;
    int64_t began;
    uint64_t mark;
    int64_t after;                 // the log's position known; -1: none yet
    uint8_t (*queued)[UUID_BYTES]; // events said to wait, sorted
    int queued_count;
} news = {.after = -1};

static void next_in(int ms)
{
    struct timeval in = {ms / 1000, ms % 1000 * 1000};
    if (!news.closed)
        event_add(news.timer, &in);
}

// --- sureness ------------------------------------------------------------------------------------

bool track_news_sure(void)
{
    int64_t now = clock_monotonic();
    atomic_store_explicit(&asked_at, now, memory_order_relaxed);
    return now - atomic_load(&settled_at) < SURE_US &&
           atomic_load(&settled) >= atomic_load(&written);
}

bool track_news_reaches(int64_t as_of)
{
    int64_t since = atomic_load(&from);
    return as_of >= since || atomic_load(&told) >= since;
}

static void hurry(void *arg)
{
    (void)arg;
    int64_t gap = (clock_monotonic() - news.began) / 1000;
    if (!news.closed && !news.running)
        next_in(gap >= GAP_MS ? 0 : (int)(GAP_MS - gap));
}

static void want(void)
{
    if (loop_count > 0 && !atomic_exchange(&wanted, true))
        loop_post(&loops[0]->loop, hurry, NULL);
}

// Before the reply to a write leaves.
static void on_written(struct app_loop *app)
{
    (void)app;
    changes_raise(&written, changes_tick());
    if (clock_monotonic() - atomic_load(&asked_at) < AWAKE_US)
        want();
}

// Before a scan is acknowledged.
static void on_event(const char *subject)
{
    change_waits(subject_key(subject, strlen(subject)), true);
    if (atomic_load(&watching) > 0)
        want();
}

void track_news_wait(struct app_loop *app, track_news_go *go, void *arg)
{
    struct news_loop *mine = app->cap[slot];
    struct waiting *one = malloc(sizeof *one);
    if (!one)
        die("out of memory");
    *one = (struct waiting){.go = go, .arg = arg, .since = clock_monotonic()};
    STAILQ_INSERT_TAIL(&mine->waiting, one, next);
    want();
}

void track_news_watchers(struct app_loop *app, int by)
{
    struct news_loop *mine = app->cap[slot];
    mine->watchers += by;
    if (atomic_fetch_add(&watching, by) == 0)
        want();
}

void track_news_tell(track_news_changed *changed)
{
    tell = changed;
}

// --- to the loops --------------------------------------------------------------------------------

struct letter {
    struct app_loop *app;
    struct changes *changes;
};

static void released(struct changes *changes)
{
    if (atomic_fetch_sub(&changes->refs, 1) == 1)
        free(changes);
}

// Who came after the question was put waits for the next one, unless this one failed.
static void answer_waiting(struct news_loop *mine, const struct changes *changes)
{
    struct waiting *one;
    STAILQ_HEAD(, waiting) now = STAILQ_HEAD_INITIALIZER(now);
    STAILQ_CONCAT(&now, &mine->waiting);
    while ((one = STAILQ_FIRST(&now))) {
        STAILQ_REMOVE_HEAD(&now, next);
        if (!changes->failed && one->since > changes->began) {
            STAILQ_INSERT_TAIL(&mine->waiting, one, next);
            continue;
        }
        one->go(one->arg, changes->failed ? NEWS_FAILED : NEWS_KNOWN);
        free(one);
    }
}

static void deliver(void *arg)
{
    struct letter *letter = arg;
    struct news_loop *mine = letter->app->cap[slot];
    struct changes *changes = letter->changes;
    answer_waiting(mine, changes);
    if (mine->watchers > 0 && tell) // also without news: who could not be told is tried again
        tell(letter->app, changes->subjects, changes->count, changes->all);
    released(changes);
    free(letter);
}

static void tell_loops(struct changes *changes)
{
    atomic_store(&changes->refs, 1);
    for (int i = 0; i < loop_count; i++) {
        struct letter *letter = malloc(sizeof *letter);
        if (!letter)
            die("out of memory");
        *letter = (struct letter){loops[i], changes};
        atomic_fetch_add(&changes->refs, 1);
        loop_post(&loops[i]->loop, deliver, letter);
    }
    released(changes);
}

// --- the question and its answer -----------------------------------------------------------------

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, UUID_BYTES);
}

static bool was_queued(const uint8_t *id)
{
    return news.queued_count > 0 &&
           bsearch(id, news.queued, (size_t)news.queued_count, UUID_BYTES, by_id) != NULL;
}

// Rows from the third are events; those that were said to wait are no news when they are placed.
static void read_events(const struct db_result *r, struct changes *changes)
{
    uint8_t(*queued)[UUID_BYTES] = calloc((size_t)r->rows, UUID_BYTES);
    int count = 0;
    if (!queued)
        die("out of memory");
    for (int row = NEWS_EVENTS; row < r->rows; row++) {
        const char *subject = db_text(r, row, NEWS_SUBJECT);
        uint64_t at = subject_key(subject, strlen(subject));
        if (strcmp(subject, "purge") == 0) { // old events of anything went
            changes_all();
            changes->all = true;
        }
        const uint8_t *id = db_uuid(r, row, NEWS_EVENT);
        bool first = !was_queued(id);
        if (db_is_null(r, row, NEWS_POSITION)) {
            change_waits(at, first);
            memcpy(queued[count++], id, UUID_BYTES);
        } else {
            change_placed(at, db_int8(r, row, NEWS_POSITION), first);
        }
        if (first)
            changes->subjects[changes->count++] = at;
    }
    qsort(queued, (size_t)count, UUID_BYTES, by_id);
    free(news.queued);
    news.queued = queued;
    news.queued_count = count;
}

// So much that it was not listed, or a log that went back (another server took over).
static bool lost_sight(const struct db_result *r, int64_t head)
{
    bool too_much = r->rows > NEWS_EVENTS && db_is_null(r, NEWS_EVENTS, NEWS_SUBJECT);
    return too_much || head < news.after;
}

// After that nothing kept can be judged until an answer is whole again, and then only what holds at
// least the log from where that answer began.
static void read_news(const struct db_result *r, struct changes *changes)
{
    int64_t head = db_int8(r, NEWS_LOG, NEWS_POSITION);
    if (lost_sight(r, head)) {
        changes_all();
        changes->all = true;
        atomic_store(&from, INT64_MAX);
    } else {
        if (news.after < 0)
            atomic_store(&from, db_int8(r, NEWS_TOLD, NEWS_POSITION));
        else if (atomic_load(&from) == INT64_MAX)
            atomic_store(&from, news.after);
        read_events(r, changes);
    }
    news.after = head;
    atomic_store(&told, db_int8(r, NEWS_TOLD, NEWS_POSITION));
    changes_settled(news.mark);
    atomic_store(&settled, news.mark);
    atomic_store(&settled_at, news.began);
}

static void answered(void *arg, const struct db_result *r)
{
    (void)arg;
    news.running = false;
    if (news.closed)
        return;
    bool good = r->err == ERR_OK && r->rows >= NEWS_EVENTS;
    struct changes *changes =
        calloc(1, sizeof *changes + (good ? (size_t)r->rows : 0) * sizeof changes->subjects[0]);
    if (!changes)
        die("out of memory");
    changes->failed = !good;
    changes->began = news.began;
    if (good)
        read_news(r, changes);
    else
        log_warn("track", NULL, "what is new in the log could not be read: %s",
                 err_row(r->err)->slug);
    tell_loops(changes);
    next_in(atomic_load(&wanted) && good ? GAP_MS : EVERY_MS);
}

static void ask(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    bool awake = clock_monotonic() - atomic_load(&asked_at) < AWAKE_US;
    if (news.running)
        return;
    if (!atomic_exchange(&wanted, false) && !awake && atomic_load(&watching) == 0) {
        next_in(EVERY_MS);
        return;
    }
    news.running = true;
    news.began = clock_monotonic();
    news.mark = changes_mark();
    track_db_news(news.db, news.after, MOST, answered, NULL);
}

// NOTIFY log, or a gap in what was heard.
static void heard(void *arg, const char *payload)
{
    (void)arg;
    (void)payload;
    if (clock_monotonic() - atomic_load(&asked_at) < AWAKE_US || atomic_load(&watching) > 0)
        want();
}

// --- opening -------------------------------------------------------------------------------------

bool track_news_setup(void)
{
    slot = capability_slot();
    http_on_written(on_written);
    custody_on_event(on_event);
    return true;
}

static bool open_first(struct app_loop *app)
{
    news.db = db_create(&app->loop);
    news.timer = evtimer_new(app->loop.base, ask, NULL);
    if (!news.db || !news.timer)
        return false;
    listener_add(app->notices, "log", &app->loop, heard, NULL);
    next_in(EVERY_MS);
    return true;
}

bool track_news_open(struct app_loop *app)
{
    struct news_loop *mine = calloc(1, sizeof *mine);
    if (!mine || loop_count == (int)countof(loops))
        return false;
    STAILQ_INIT(&mine->waiting);
    app->cap[slot] = mine;
    loops[loop_count++] = app;
    return app->loop.index != 0 || open_first(app);
}

void track_news_close(struct app_loop *app)
{
    struct news_loop *mine = app->cap[slot];
    if (app->loop.index == 0) {
        news.closed = true;
        db_destroy(news.db);
        event_free(news.timer);
        free(news.queued);
    }
    struct waiting *one;
    while (mine && (one = STAILQ_FIRST(&mine->waiting))) {
        STAILQ_REMOVE_HEAD(&mine->waiting, next);
        one->go(one->arg, NEWS_STOPPED);
        free(one);
    }
    free(mine);
    app->cap[slot] = NULL;
}
