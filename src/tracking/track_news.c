#include "tracking/track_news.h"

#include <event2/event.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "custody/custody.h"
#include "db/listen.h"
#include "http/respond.h"
#include "tracking/track_changes.h"
#include "tracking/track_db.h"
#include "tracking/track_loops.h"

enum { MOST = 20000, EVERY_MS = 400, GAP_MS = 8, AWAKE_US = 30000000, SURE_US = 1000000 };

// Any thread.
static _Atomic uint64_t settled, written;
static _Atomic int64_t settled_at, asked_at, from, told;
static atomic_bool wanted;

// The first loop's.
static struct {
    struct app_loop *app;
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

void track_news_want(void)
{
    if (news.app && !atomic_exchange(&wanted, true))
        loop_post(&news.app->loop, hurry, NULL);
}

// Before the reply to a write leaves.
static void on_written(struct app_loop *app)
{
    (void)app;
    changes_raise(&written, changes_tick());
    if (clock_monotonic() - atomic_load(&asked_at) < AWAKE_US)
        track_news_want();
}

// Before a scan is acknowledged.
static void on_event(const char *subject)
{
    change_waits(subject_key(subject, strlen(subject)), true);
    if (track_loops_watched())
        track_news_want();
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
static void read_events(const struct db_result *r, struct news_changes *changes)
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
static void read_news(const struct db_result *r, struct news_changes *changes)
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
    struct news_changes *changes = news_changes_create(good ? r->rows : 0);
    changes->failed = !good;
    changes->began = news.began;
    if (good)
        read_news(r, changes);
    else
        log_warn("track", NULL, "what is new in the log could not be read: %s",
                 err_row(r->err)->slug);
    track_loops_post(changes);
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
    if (!atomic_exchange(&wanted, false) && !awake && !track_loops_watched()) {
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
    if (clock_monotonic() - atomic_load(&asked_at) < AWAKE_US || track_loops_watched())
        track_news_want();
}

// --- opening -------------------------------------------------------------------------------------

bool track_news_setup(void)
{
    http_on_written(on_written);
    custody_on_event(on_event);
    return true;
}

bool track_news_open(struct app_loop *app)
{
    if (app->loop.index != 0)
        return true;
    news.app = app;
    news.db = db_create(&app->loop);
    news.timer = evtimer_new(app->loop.base, ask, NULL);
    if (!news.db || !news.timer)
        return false;
    listener_add(app->notices, "log", &app->loop, heard, NULL);
    next_in(EVERY_MS);
    return true;
}

void track_news_close(struct app_loop *app)
{
    if (app->loop.index != 0)
        return;
    news.closed = true;
    db_destroy(news.db);
    event_free(news.timer);
    free(news.queued);
}
