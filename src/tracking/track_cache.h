#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "tracking/track_key.h"

// Answers of tracking kept in memory by the key they were asked for, bounded in bytes; the one
// asked for least recently goes first, and only for one that was asked for before: who asks for
// every number once takes nothing from those who ask for theirs again. One cache a loop, its thread
// only. What makes an answer old is told in track_changes.h; an old one is never given.

enum { TRACK_TAG = 17, TRACK_ETAG = 32 };

// One form of the answer as it is sent, with its ETag in quotes. len 0: not made yet.
struct track_form {
    char *data;
    size_t len;
    char etag[TRACK_ETAG];
};

struct track_answer {
    int refs;
    uint8_t dossier[UUID_BYTES];
    int64_t until; // when it changes of itself, clock_now
    uint64_t mark; // changes_mark before it was read
    char tag[TRACK_TAG];
    struct track_form json, page, page_gz;
    int count;
    uint64_t subjects[]; // subject_key
};

// Room for so many subjects and a text of so many bytes, which it owns; empty but for one
// reference, the caller's.
struct track_answer *track_answer_room(int count, size_t len, char **text);
// Copies; one reference, the caller's.
struct track_answer *track_answer_create(const char *subjects, const char *view, size_t len);
void track_answer_release(struct track_answer *answer); // NULL-safe
// Whether nothing happened to it since it was read.
bool track_answer_holds(const struct track_answer *answer);

struct track_cache;

struct track_cache *track_cache_create(size_t bytes);
void track_cache_destroy(struct track_cache *cache); // NULL-safe
// NULL: not there, or old. The reference is the cache's: take one to keep it beyond this turn.
struct track_answer *track_cache_get(struct track_cache *cache, const char *key);
// Takes a reference. One that is old by now, or too large, is not kept.
void track_cache_put(struct track_cache *cache, const char *key, struct track_answer *answer);
// A form was added to the answer kept under this key.
void track_cache_weigh(struct track_cache *cache, const char *key);
size_t track_cache_bytes(const struct track_cache *cache);
