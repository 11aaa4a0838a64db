#include "tracking/track_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/capability.h"
#include "tracking/track_changes.h"
#include "tracking/track_db.h"
#include "tracking/track_loops.h"
#include "tracking/track_news.h"
#include "tracking/track_pack.h"
#include "tracking/track_teller.h"

enum { PENDING_BUCKETS = 1024 };

struct asker {
    struct asker *next;
    struct app_loop *app;
    track_found *found;
    void *arg;
    uint64_t mark; // when it asked
    bool unsure;
    char key[TRACK_KEY_MAX];
};

// One look at the database, and who waits for it: first the one that began it, whose key it is.
struct pending {
    struct pending *next;
    struct asker *askers, **last;
    uint64_t mark;
};

struct look_loop {
    struct track_cache *cache;
    struct pending *buckets[PENDING_BUCKETS];
};

static int slot; // in app->cap

static void go(struct asker *asker);

// --- what a look gave ----------------------------------------------------------------------------

struct track_answer *track_answer_read(const struct db_result *r, int row, uint64_t mark)
{
    size_t len;
    const char *view = db_json(r, row, ANSWER_VIEW, &len);
    struct track_answer *answer = track_answer_create(db_text(r, row, ANSWER_SUBJECTS), view, len);
    memcpy(answer->dossier, db_uuid(r, row, ANSWER_ID), UUID_BYTES);
    answer->until = db_time(r, row, ANSWER_UNTIL);
    answer->mark = mark;
    snprintf(answer->tag, sizeof answer->tag, "%s", db_text(r, row, ANSWER_TAG));
    snprintf(answer->json.etag, sizeof answer->json.etag, "\"%s\"", answer->tag);
    return answer;
}

static struct track_answer *kept_read(const struct db_result *r, uint64_t mark)
{
    struct track_answer *answer =
        track_unpack(db_text(r, 0, ANSWER_PACKED), db_len(r, 0, ANSWER_PACKED));
    if (!answer)
        return NULL;
    memcpy(answer->dossier, db_uuid(r, 0, ANSWER_ID), UUID_BYTES);
    answer->until = db_time(r, 0, ANSWER_UNTIL);
    answer->mark = mark;
    snprintf(answer->json.etag, sizeof answer->json.etag, "\"%s\"", answer->tag);
    return answer;
}

static struct pending **bucket_of(struct look_loop *mine, const char *key)
{
    return &mine->buckets[subject_key(key, strlen(key)) % PENDING_BUCKETS];
}

// The latest look for that key; NULL: none is under way.
static struct pending *pending_of(struct look_loop *mine, const char *key)
{
    struct pending *one = *bucket_of(mine, key);
    while (one && strcmp(one->askers->key, key) != 0)
        one = one->next;
    return one;
}

// There may be two looks for one key, so it is the look itself that leaves its bucket.
static void leave_bucket(struct look_loop *mine, struct pending *one)
{
    struct pending **at = bucket_of(mine, one->askers->key);
    while (*at != one)
        at = &(*at)->next;
    *at = one->next;
}

// An asker that came after something that the look may have missed asks again: a change that is
// known, or, where it was not sure, one that is not. Also when nobody knew the key: it may be there
// by now.
static void finish(struct pending *one, const struct db_result *r, struct track_answer *answer)
{
    struct asker *asker = one->askers, *next;
    struct look_loop *mine = asker->app->cap[slot];
    bool holds = answer != NULL && track_answer_holds(answer);
    leave_bucket(mine, one);
    if (answer && !asker->unsure)
        track_cache_put(mine->cache, asker->key, answer);
    for (; asker; asker = next) {
        next = asker->next;
        if (r->err == ERR_OK && asker->mark > one->mark && (asker->unsure || !holds)) {
            go(asker);
            continue;
        }
        asker->found(asker->arg, r->err, r->detail, answer);
        free(asker);
    }
    track_answer_release(answer);
    free(one);
}

static void anew(void *arg, const struct db_result *r)
{
    struct pending *one = arg;
    struct track_answer *answer = NULL;
    if (r->err == ERR_OK && r->rows > 0) {
        answer = track_answer_read(r, 0, one->mark);
        track_teller_want(one->askers->key);
    }
    metric_add(METRIC_track_anew, 1);
    finish(one, r, answer);
}

static void look_anew(struct pending *one)
{
    one->mark = changes_mark();
    track_db_look(one->askers->app->db, one->askers->key, anew, one);
}

static bool still_good(const struct db_result *r, const struct track_answer *answer)
{
    int64_t as_of = db_int8(r, 0, ANSWER_AS_OF);
    return track_news_reaches(as_of) && clock_now() < answer->until &&
           subjects_hold_position(answer->subjects, answer->count, as_of);
}

static void kept(void *arg, const struct db_result *r)
{
    struct pending *one = arg;
    struct track_answer *answer = NULL;
    if (r->err == ERR_OK && r->rows > 0)
        answer = kept_read(r, one->mark);
    if (r->err != ERR_OK || (answer && still_good(r, answer))) {
        metric_add(METRIC_track_kept, r->err == ERR_OK);
        finish(one, r, answer);
        return;
    }
    track_answer_release(answer);
    look_anew(one);
}

// --- asking --------------------------------------------------------------------------------------

static void join(struct pending *one, struct asker *asker)
{
    asker->next = NULL;
    *one->last = asker;
    one->last = &asker->next;
}

static struct pending *begin(struct look_loop *mine, struct asker *asker)
{
    struct pending *one = calloc(1, sizeof *one), **at = bucket_of(mine, asker->key);
    if (!one)
        die("out of memory");
    *one = (struct pending){.next = *at, .last = &one->askers, .mark = asker->mark};
    join(one, asker);
    return *at = one;
}

// In the turn of the reply that ends it a look is no more in its bucket.
static void go(struct asker *asker)
{
    struct look_loop *mine = asker->app->cap[slot];
    struct pending *one = pending_of(mine, asker->key);
    asker->mark = changes_mark();
    if (one && (!one->askers->unsure || asker->unsure)) {
        join(one, asker);
        return;
    }
    one = begin(mine, asker);
    if (asker->unsure)
        look_anew(one);
    else
        track_db_kept(asker->app->db, asker->key, kept, one);
}

static bool from_memory(struct app_loop *app, const char *key, track_found *found, void *arg)
{
    struct look_loop *mine = app->cap[slot];
    struct track_answer *answer = track_cache_get(mine->cache, key);
    metric_add(answer ? METRIC_track_hits : METRIC_track_misses, 1);
    if (answer)
        found(arg, ERR_OK, NULL, answer);
    return answer != NULL;
}

static void sure_now(void *arg, enum track_news news)
{
    struct asker *asker = arg;
    if (news == NEWS_STOPPED) {
        asker->found(asker->arg, ERR_BUSY, NULL, NULL);
        free(asker);
        return;
    }
    asker->unsure = news == NEWS_FAILED;
    if (asker->unsure || !from_memory(asker->app, asker->key, asker->found, asker->arg))
        go(asker);
    else
        free(asker);
}

void track_look(struct app_loop *app, const char *key, track_found *found, void *arg)
{
    bool sure = track_news_sure();
    if (sure && from_memory(app, key, found, arg))
        return;
    struct asker *asker = calloc(1, sizeof *asker);
    if (!asker)
        die("out of memory");
    *asker = (struct asker){.app = app, .found = found, .arg = arg};
    snprintf(asker->key, sizeof asker->key, "%s", key);
    if (sure)
        go(asker);
    else
        track_loops_wait(app, sure_now, asker);
}

void track_look_grew(struct app_loop *app, const char *key)
{
    struct look_loop *mine = app->cap[slot];
    track_cache_weigh(mine->cache, key);
}

// --- the loop's share ----------------------------------------------------------------------------

bool track_look_setup(void)
{
    slot = capability_slot();
    return true;
}

bool track_look_open(struct app_loop *app)
{
    struct look_loop *mine = calloc(1, sizeof *mine);
    if (!mine)
        return false;
    mine->cache = track_cache_create((size_t)conf.track_cache << 20);
    app->cap[slot] = mine;
    return true;
}

void track_look_close(struct app_loop *app)
{
    struct look_loop *mine = app->cap[slot];
    if (mine)
        track_cache_destroy(mine->cache);
    free(mine);
    app->cap[slot] = NULL;
}
