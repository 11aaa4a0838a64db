#pragma once
#include <stdbool.h>

#include "base/err.h"
#include "tracking/track_cache.h"

// The one way to a tracking answer: from memory where that is sure to hold, else the answer the
// database keeps, where nothing is known behind it, else made anew (and kept for the next). Who
// asks for a key that is being looked up shares that one look, unless it began before a change that
// the asker may know of.

struct app_loop;
struct db_result;

bool track_look_setup(void);
bool track_look_open(struct app_loop *app);
void track_look_close(struct app_loop *app);

// err ERR_OK and no answer: nobody knows the key. The answer is the caller's for the call; it may
// add forms to it and then calls track_look_grew. Called at once for what is in memory, else later;
// on the loop's thread.
typedef void track_found(void *arg, enum err err, const char *detail, struct track_answer *answer);

// `key` in its canonical form (tracking/track_key.h).
void track_look(struct app_loop *app, const char *key, track_found *found, void *arg);
void track_look_grew(struct app_loop *app, const char *key);

// A row of track_db's as an answer read after `mark`; the reference is the caller's.
struct track_answer *track_answer_read(const struct db_result *r, int row, uint64_t mark);
