#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/metrics.h"
#include "db/db.h"
#include "db/pool.h"

// One at a time is in flight: either a batch, or the items of a batch that failed, each alone.
struct db_batch {
    struct db *db;
    const struct db_batch_kind *kind;
    struct db_batch_item *first, **last; // waiting, in order of arrival
    int waiting;
    struct db_batch_item **items; // in flight, in order of key
    int count, singles;           // in flight; of them not yet answered, when each goes alone
    struct db_batch_item **slots; // a set of the keys chosen so far
    int slot_count;
    struct event *tick;
    bool starting, dead; // a start is on its way; db_batch_destroy was called
};

// An item that goes alone.
struct single {
    struct db_batch *batch;
    struct db_batch_item *item;
};

static void batch_free(struct db_batch *batch)
{
    free(batch->items);
    free(batch->slots);
    free(batch);
}

// --- waiting ------------------------------------------------------------------------------------

static void answer(struct db_batch *batch, struct db_batch_item *item, enum err err)
{
    struct db_result result = {.err = err};
    batch->kind->done(item, &result, -1);
}

static void answer_waiting(struct db_batch *batch, enum err err)
{
    struct db_batch_item *item = batch->first, *next;
    batch->first = NULL;
    batch->last = &batch->first;
    batch->waiting = 0;
    for (; item; item = next) {
        next = item->next;
        answer(batch, item, err);
    }
}

// The first has waited longest.
static void expire(evutil_socket_t fd, short what, void *arg)
{
    struct db_batch *batch = arg;
    int64_t now = clock_monotonic();
    while (batch->first && batch->first->deadline < now) {
        struct db_batch_item *item = batch->first;
        batch->first = item->next;
        if (!batch->first)
            batch->last = &batch->first;
        batch->waiting--;
        answer(batch, item, ERR_BUSY);
    }
}

struct db_batch *db_batch_create(struct db *db, const struct db_batch_kind *kind)
{
    struct timeval every = {0, POOL_TICK};
    struct db_batch *batch = calloc(1, sizeof *batch);
    int slots = 4;
    while (slots < 2 * kind->items_max)
        slots *= 2;
    if (!batch)
        die("out of memory");
    *batch = (struct db_batch){.db = db, .kind = kind, .slot_count = slots};
    batch->last = &batch->first;
    batch->items = calloc((size_t)kind->items_max, sizeof *batch->items);
    batch->slots = calloc((size_t)slots, sizeof *batch->slots);
    batch->tick = event_new(pool_loop(db)->base, -1, EV_PERSIST, expire, batch);
    if (!batch->items || !batch->slots || !batch->tick || event_add(batch->tick, &every) != 0)
        die("out of memory");
    return batch;
}

// What is in flight keeps it alive until it is answered.
void db_batch_destroy(struct db_batch *batch)
{
    if (!batch)
        return;
    batch->dead = true;
    event_free(batch->tick);
    answer_waiting(batch, ERR_BUSY);
    if (!batch->starting && batch->count == 0)
        batch_free(batch);
}

// --- choosing -----------------------------------------------------------------------------------

// False when an item of this key was chosen before.
static bool key_take(struct db_batch *batch, struct db_batch_item *item)
{
    uint64_t words[sizeof item->key / 8], hash = 0;
    memcpy(words, item->key, sizeof words);
    for (size_t i = 0; i < countof(words); i++)
        hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
    for (uint64_t at = hash >> 32;; at++) {
        struct db_batch_item **slot = &batch->slots[at & (uint64_t)(batch->slot_count - 1)];
        if (!*slot) {
            *slot = item;
            return true;
        }
        if (memcmp((*slot)->key, item->key, sizeof item->key) == 0)
            return false;
    }
}

static int by_key(const void *a, const void *b)
{
    const struct db_batch_item *const *left = a, *const *right = b;
    return memcmp((*left)->key, (*right)->key, sizeof(*left)->key);
}

// A later item of a key already chosen stays where it is, first of its key in the next batch.
static void choose(struct db_batch *batch)
{
    struct db_batch_item **at = &batch->first;
    memset(batch->slots, 0, (size_t)batch->slot_count * sizeof *batch->slots);
    while (*at && batch->count < batch->kind->items_max) {
        struct db_batch_item *item = *at;
        if (!key_take(batch, item)) {
            at = &item->next;
            continue;
        }
        *at = item->next;
        batch->items[batch->count++] = item;
        batch->waiting--;
    }
    if (!batch->first || !*at)
        batch->last = at;
    // Every batch locks in the same order.
    qsort(batch->items, (size_t)batch->count, sizeof *batch->items, by_key);
}

// --- running ------------------------------------------------------------------------------------

static void start_later(struct db_batch *batch);

static void over(struct db_batch *batch)
{
    batch->count = 0;
    if (batch->dead && !batch->starting)
        batch_free(batch);
    else
        start_later(batch);
}

static void answer_rows(struct db_batch *batch, const struct db_result *result)
{
    for (int row = 0; row < result->rows; row++) {
        int place = db_int4(result, row, 0);
        if (place < 1 || place > batch->count || !batch->items[place - 1])
            continue;
        struct db_batch_item *item = batch->items[place - 1];
        batch->items[place - 1] = NULL;
        batch->kind->done(item, result, row);
    }
    for (int i = 0; i < batch->count; i++) {
        if (!batch->items[i])
            continue;
        log_error("db", NULL, "stmt=%s gave no row for an item", batch->kind->stmt->name);
        answer(batch, batch->items[i], ERR_INTERNAL);
    }
}

static void single_answered(void *arg, const struct db_result *result)
{
    struct single *single = arg;
    struct db_batch *batch = single->batch;
    bool row = result->err == ERR_OK && result->rows > 0;
    if (row) {
        batch->kind->done(single->item, result, 0);
        metric_add(METRIC_db_batch_items, 1);
    } else if (result->err == ERR_OK) {
        answer(batch, single->item, ERR_INTERNAL);
    } else {
        batch->kind->done(single->item, result, -1);
    }
    free(single);
    if (--batch->singles == 0)
        over(batch);
}

static void send_single(struct db_batch *batch, struct db_batch_item *item)
{
    struct db_params params = {0};
    struct single *single = malloc(sizeof *single);
    if (!single)
        die("out of memory");
    *single = (struct single){batch, item};
    batch->kind->encode(&params, &item, 1);
    pool_call(batch->db, batch->kind->stmt, &params, single_answered, single);
}

static void send_singles(struct db_batch *batch)
{
    metric_add(METRIC_db_batch_retries, 1);
    batch->singles = batch->count;
    for (int i = 0; i < batch->count; i++)
        send_single(batch, batch->items[i]);
}

// Whether a single item may be what it failed of.
static bool by_an_item(const struct db_result *result)
{
    enum err err = result->err;
    return err != ERR_OK && err != ERR_OUTCOME_UNKNOWN && (err != ERR_BUSY || result->locked);
}

static void batch_answered(void *arg, const struct db_result *result)
{
    struct db_batch *batch = arg;
    if (by_an_item(result) && batch->count > 1 && !batch->dead) {
        send_singles(batch);
        return;
    }
    if (result->err == ERR_OK) {
        metric_add(METRIC_db_batches, 1);
        metric_add(METRIC_db_batch_items, batch->count);
        answer_rows(batch, result);
    } else {
        for (int i = 0; i < batch->count; i++)
            batch->kind->done(batch->items[i], result, -1);
    }
    // Who waited behind a batch that found no database need not wait as long again.
    if (result->err == ERR_BUSY && !db_ready(batch->db))
        answer_waiting(batch, ERR_BUSY);
    over(batch);
}

static void start(void *arg)
{
    struct db_batch *batch = arg;
    struct db_params params = {0};
    batch->starting = false;
    if (batch->dead) {
        if (batch->count == 0)
            batch_free(batch);
        return;
    }
    if (batch->count > 0 || !batch->first)
        return;
    choose(batch);
    batch->kind->encode(&params, batch->items, batch->count);
    pool_call(batch->db, batch->kind->stmt, &params, batch_answered, batch);
}

static void start_later(struct db_batch *batch)
{
    if (batch->starting || batch->count > 0 || !batch->first)
        return;
    batch->starting = true;
    loop_defer(pool_loop(batch->db), start, batch);
}

bool db_batch_submit(struct db_batch *batch, struct db_batch_item *item)
{
    if (batch->dead || batch->waiting >= conf.database_queue) {
        metric_add(METRIC_db_refused, 1);
        return false;
    }
    item->next = NULL;
    item->deadline = clock_monotonic() + POOL_PATIENCE;
    *batch->last = item;
    batch->last = &item->next;
    batch->waiting++;
    start_later(batch);
    return true;
}
