#include "tracking/track_loops.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/capability.h"
#include "http/respond.h"
#include "tracking/track_news.h"

struct waiting {
    STAILQ_ENTRY(waiting) next;
    track_loops_go *go;
    void *arg;
    int64_t since;
};

// A loop's share.
struct told_loop {
    STAILQ_HEAD(, waiting) waiting;
    int watchers;
};

// Changes on their way to a loop; the last frees them.
struct letter {
    struct app_loop *app;
    struct news_changes *changes;
};

static int slot; // in app->cap
static track_loops_changed *tell;
static struct app_loop *loops[64];
static int loop_count;
static atomic_int watching;

void track_loops_wait(struct app_loop *app, track_loops_go *go, void *arg)
{
    struct told_loop *mine = app->cap[slot];
    struct waiting *one = malloc(sizeof *one);
    if (!one)
        die("out of memory");
    *one = (struct waiting){.go = go, .arg = arg, .since = clock_monotonic()};
    STAILQ_INSERT_TAIL(&mine->waiting, one, next);
    track_news_want();
}

void track_loops_tell(track_loops_changed *changed)
{
    tell = changed;
}

void track_loops_watchers(struct app_loop *app, int by)
{
    struct told_loop *mine = app->cap[slot];
    mine->watchers += by;
    if (atomic_fetch_add(&watching, by) == 0)
        track_news_want();
}

bool track_loops_watched(void)
{
    return atomic_load(&watching) > 0;
}

// --- changes -------------------------------------------------------------------------------------

struct news_changes *news_changes_create(int most)
{
    struct news_changes *changes =
        calloc(1, sizeof *changes + (size_t)most * sizeof changes->subjects[0]);
    if (!changes)
        die("out of memory");
    atomic_store(&changes->refs, 1);
    return changes;
}

static void released(struct news_changes *changes)
{
    if (atomic_fetch_sub(&changes->refs, 1) == 1)
        free(changes);
}

// Who came after the question was put waits for the next one, unless this one failed.
static void answer_waiting(struct told_loop *mine, const struct news_changes *changes)
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
    struct told_loop *mine = letter->app->cap[slot];
    answer_waiting(mine, letter->changes);
    if (mine->watchers > 0 && tell)
        tell(letter->app, letter->changes);
    released(letter->changes);
    free(letter);
}

void track_loops_post(struct news_changes *changes)
{
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

// --- opening -------------------------------------------------------------------------------------

bool track_loops_setup(void)
{
    slot = capability_slot();
    return true;
}

bool track_loops_open(struct app_loop *app)
{
    struct told_loop *mine = calloc(1, sizeof *mine);
    if (!mine || loop_count == (int)countof(loops))
        return false;
    STAILQ_INIT(&mine->waiting);
    app->cap[slot] = mine;
    loops[loop_count++] = app;
    return true;
}

void track_loops_close(struct app_loop *app)
{
    struct told_loop *mine = app->cap[slot];
    struct waiting *one;
    while (mine && (one = STAILQ_FIRST(&mine->waiting))) {
        STAILQ_REMOVE_HEAD(&mine->waiting, next);
        one->go(one->arg, NEWS_STOPPED);
        free(one);
    }
    free(mine);
    app->cap[slot] = NULL;
}
