#include "tracking/track_cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/compiler.h"
#include "base/log.h"
#include "tracking/track_changes.h"

enum { BUCKETS_LEAST = 1024, BYTES_A_BUCKET = 4096, KNOWN_A_BUCKET = 8, WORD = 64 };

struct entry {
    struct entry *chain;
    TAILQ_ENTRY(entry) used; // the latest first
    struct track_answer *answer;
    size_t bytes;
    uint64_t hash;
    char key[TRACK_KEY_MAX];
};

struct track_cache {
    size_t bytes, most;
    size_t mask;
    size_t known; // how many bits of `knows`, one of a key that was not kept for want of room
    uint64_t *knows;
    TAILQ_HEAD(used_list, entry) used;
    struct entry *buckets[];
};

// --- answers -------------------------------------------------------------------------------------

struct track_answer *track_answer_room(int count, size_t len, char **text)
{
    size_t keys = (size_t)count * sizeof(uint64_t);
    struct track_answer *answer = malloc(sizeof *answer + keys + len + 1);
    if (!answer)
        die("out of memory");
    memset(answer, 0, sizeof *answer);
    answer->refs = 1;
    *text = (char *)&answer->subjects[count]; // in one piece with it
    (*text)[len] = '\0';
    return answer;
}

struct track_answer *track_answer_create(const char *subjects, const char *view, size_t len)
{
    char *text;
    struct track_answer *answer = track_answer_room(subject_count(subjects), len, &text);
    answer->json.data = memcpy(text, view, len);
    answer->json.len = len;
    answer->count = subject_keys(subjects, answer->subjects);
    return answer;
}

void track_answer_release(struct track_answer *answer)
{
    if (!answer || --answer->refs > 0)
        return;
    free(answer->page.data);
    free(answer->page_gz.data);
    free(answer);
}

bool track_answer_holds(const struct track_answer *answer)
{
    return subjects_hold(answer->subjects, answer->count, answer->mark) &&
           clock_now() < answer->until;
}

static size_t weight(const struct track_answer *answer)
{
    return sizeof(struct entry) + sizeof *answer + (size_t)answer->count * sizeof(uint64_t) +
           answer->json.len + answer->page.len + answer->page_gz.len;
}

// --- the cache -----------------------------------------------------------------------------------

struct track_cache *track_cache_create(size_t bytes)
{
    size_t buckets = BUCKETS_LEAST;
    while (buckets < bytes / BYTES_A_BUCKET)
        buckets *= 2;
    struct track_cache *cache = calloc(1, sizeof *cache + buckets * sizeof(struct entry *));
    if (!cache)
        die("out of memory");
    cache->knows = calloc(buckets * KNOWN_A_BUCKET / WORD, sizeof *cache->knows);
    if (!cache->knows)
        die("out of memory");
    cache->most = bytes;
    cache->mask = buckets - 1;
    TAILQ_INIT(&cache->used);
    return cache;
}

static uint64_t hash_of(const char *key)
{
    uint64_t hash = subject_key(key, strlen(key));
    return hash ^ hash >> 32;
}

static struct entry **place_of(struct track_cache *cache, const char *key, uint64_t hash)
{
    struct entry **at = &cache->buckets[hash & cache->mask];
    while (*at && ((*at)->hash != hash || strcmp((*at)->key, key) != 0))
        at = &(*at)->chain;
    return at;
}

static void drop(struct track_cache *cache, struct entry **at)
{
    struct entry *one = *at;
    *at = one->chain;
    TAILQ_REMOVE(&cache->used, one, used);
    cache->bytes -= one->bytes;
    track_answer_release(one->answer);
    free(one);
}

static void shrink(struct track_cache *cache)
{
    while (cache->bytes > cache->most) {
        struct entry *last = TAILQ_LAST(&cache->used, used_list);
        drop(cache, place_of(cache, last->key, last->hash));
    }
}

void track_cache_destroy(struct track_cache *cache)
{
    if (!cache)
        return;
    cache->most = 0;
    shrink(cache);
    free(cache->knows);
    free(cache);
}

struct track_answer *track_cache_get(struct track_cache *cache, const char *key)
{
    struct entry **at = place_of(cache, key, hash_of(key)), *one = *at;
    if (!one)
        return NULL;
    if (!track_answer_holds(one->answer)) {
        drop(cache, at);
        return NULL;
    }
    if (one != TAILQ_FIRST(&cache->used)) {
        TAILQ_REMOVE(&cache->used, one, used);
        TAILQ_INSERT_HEAD(&cache->used, one, used);
    }
    return one->answer;
}

// Whether it was turned away not long ago; it is known from now on.
static bool known(struct track_cache *cache, uint64_t hash)
{
    size_t bits = (cache->mask + 1) * KNOWN_A_BUCKET,
           bit = (hash * 0x9e3779b97f4a7c15 >> 32) & (bits - 1);
    uint64_t *word = &cache->knows[bit / WORD], one = 1ULL << bit % WORD;
    if (*word & one)
        return true;
    if (++cache->known > bits / 4) { // what was long ago is forgotten
        memset(cache->knows, 0, bits / WORD * sizeof *cache->knows);
        cache->known = 1;
    }
    *word |= one;
    return false;
}

void track_cache_put(struct track_cache *cache, const char *key, struct track_answer *answer)
{
    uint64_t hash = hash_of(key);
    struct entry **at = place_of(cache, key, hash);
    if (*at)
        drop(cache, at);
    size_t bytes = weight(answer);
    if (bytes > cache->most || strlen(key) >= TRACK_KEY_MAX || !track_answer_holds(answer))
        return;
    if (cache->bytes + bytes > cache->most && !known(cache, hash))
        return;
    struct entry *one = calloc(1, sizeof *one);
    if (!one)
        die("out of memory");
    *one = (struct entry){.answer = answer, .bytes = bytes, .hash = hash};
    memcpy(one->key, key, strlen(key) + 1);
    answer->refs++;
    one->chain = cache->buckets[hash & cache->mask];
    cache->buckets[hash & cache->mask] = one;
    TAILQ_INSERT_HEAD(&cache->used, one, used);
    cache->bytes += bytes;
    shrink(cache);
}

void track_cache_weigh(struct track_cache *cache, const char *key)
{
    struct entry *one = *place_of(cache, key, hash_of(key));
    if (!one)
        return;
    cache->bytes -= one->bytes;
    one->bytes = weight(one->answer);
    cache->bytes += one->bytes;
    shrink(cache);
}

size_t track_cache_bytes(const struct track_cache *cache)
{
    return cache->bytes;
}
