#include "dossier/track_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/listen.h"
#include "dossier/dossier_db.h"
#include "http/capability.h"
#include "http/sse.h"

enum { BUCKETS = 1024 };

struct watcher {
    struct watcher *next, **at;
    struct watching *home;
    struct stream *stream;
    int64_t position; // of the view sent last
    uint8_t dossier[UUID_BYTES];
};

struct watching {
    struct app_loop *app;
    struct watcher *buckets[BUCKETS];
    int count;
    int64_t first, last; // positions told of and not asked about yet; last 0: none
    bool asking;
};

static int slot; // in app->cap

// --- who watches ---------------------------------------------------------------------------------

// The end of a version-7 id is random.
static struct watcher **bucket_of(struct watching *all, const uint8_t id[UUID_BYTES])
{
    return &all->buckets[(id[15] | id[14] << 8) % BUCKETS];
}

static void add(struct watching *all, struct watcher *one)
{
    struct watcher **head = bucket_of(all, one->dossier);
    one->home = all;
    one->next = *head;
    one->at = head;
    if (one->next)
        one->next->at = &one->next;
    *head = one;
    all->count++;
}

static void left(void *arg)
{
    struct watcher *one = arg;
    if (one->at) {
        *one->at = one->next;
        if (one->next)
            one->next->at = one->at;
        one->home->count--;
    }
    free(one);
}

static char *copied(const char *text, size_t len)
{
    char *copy = strndup(text, len);
    if (!copy)
        die("out of memory");
    return copy;
}

static void tell(struct watcher *one, int64_t position, const char *view)
{
    char id[24];
    snprintf(id, sizeof id, "%" PRId64, position);
    one->position = position;
    stream_send(one->stream, id, "track", view);
}

void track_watch(struct request *req, const uint8_t dossier[UUID_BYTES], int64_t position,
                 const char *view)
{
    const char *seen = request_header(req, "Last-Event-ID");
    bool fresh = seen && strtoll(seen, NULL, 10) == position && position > 0;
    struct watching *all = req->app->cap[slot];
    struct watcher *one = calloc(1, sizeof *one);
    if (!one)
        die("out of memory");
    memcpy(one->dossier, dossier, sizeof one->dossier);
    one->position = position;
    // Opening ends the request and its memory.
    char *first = fresh ? NULL : copied(view, strlen(view));
    struct stream *stream = stream_open(req, left, one);
    if (stream) {
        one->stream = stream;
        add(all, one);
        if (first)
            tell(one, position, first);
    }
    free(first);
}

// --- what changed --------------------------------------------------------------------------------

static void ask(struct watching *all);

static void changed(struct watching *all, const struct db_result *r, int row)
{
    size_t len;
    const uint8_t *id = db_uuid(r, row, TRACK_ID);
    int64_t position = db_int8(r, row, TRACK_POSITION);
    const char *json = db_json(r, row, TRACK_VIEW, &len);
    char *view = copied(json, len);
    for (struct watcher *one = *bucket_of(all, id); one; one = one->next) {
        if (memcmp(one->dossier, id, UUID_BYTES) == 0 && one->position != position)
            tell(one, position, view);
    }
    free(view);
}

static void asked(void *arg, const struct db_result *r)
{
    struct watching *all = arg;
    all->asking = false;
    for (int row = 0; r->err == ERR_OK && row < r->rows; row++)
        changed(all, r, row);
    if (r->err != ERR_OK) { // missed: whatever is heard next asks about all
        log_warn("track", NULL, "watchers could not be told: %s", err_row(r->err)->slug);
        all->first = 0;
    } else if (all->last) {
        ask(all);
    }
}

static void ask(struct watching *all)
{
    int64_t first = all->first, last = all->last;
    all->first = INT64_MAX;
    all->last = 0;
    if (all->count == 0)
        return;
    uint8_t(*ids)[UUID_BYTES] = malloc((size_t)all->count * sizeof *ids);
    if (!ids)
        die("out of memory");
    int count = 0;
    for (int i = 0; i < BUCKETS; i++) {
        for (const struct watcher *one = all->buckets[i]; one; one = one->next)
            memcpy(ids[count++], one->dossier, UUID_BYTES);
    }
    all->asking = true;
    dossier_watched(all->app->db, (const uint8_t(*)[UUID_BYTES])ids, count, first, last, asked,
                    all);
    free(ids);
}

// "first-last", or empty after a gap: look at everything.
static void heard(void *arg, const char *payload)
{
    struct watching *all = arg;
    int64_t first = 0, last = INT64_MAX;
    if (sscanf(payload, "%" SCNd64 "-%" SCNd64, &first, &last) != 2) {
        first = 0;
        last = INT64_MAX;
    }
    all->first = first < all->first ? first : all->first;
    all->last = last > all->last ? last : all->last;
    if (!all->asking)
        ask(all);
}

// --- the loop's share ----------------------------------------------------------------------------

bool track_watch_setup(void)
{
    slot = capability_slot();
    return true;
}

bool track_watch_open(struct app_loop *app)
{
    struct watching *all = calloc(1, sizeof *all);
    if (!all)
        return false;
    all->app = app;
    all->first = INT64_MAX;
    app->cap[slot] = all;
    listener_add(app->notices, "log", &app->loop, heard, all);
    return true;
}

void track_watch_close(struct app_loop *app)
{
    free(app->cap[slot]);
    app->cap[slot] = NULL;
}
