#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What of the world has changed since an answer was made, for the whole process.
//
// A subject (a dossier's id, a shipment's number, a container's id) goes by a 64-bit key. Of the
// half million that changed last it is known when; of all others that they did not since the oldest
// of those that share their place in the table (16 MiB) was forgotten. So an answer may look older
// than it is, once in a few hundred thousand changes, and never newer. Time here is a count of
// changes, not a clock.
//
// A change is known from its own acknowledgement on this instance, before it has a position in the
// log, or from the log. An answer read from the database at mark M holds while none of its subjects
// changed after M; a kept answer that holds the log up to position P holds while nothing of its
// subjects is known behind P and nothing waits for its position. Any thread.

uint64_t subject_key(const char *subject, size_t len);
// The keys of subjects that stand one behind the other with single spaces. `out` has room for one
// a space and one more; returns how many.
int subject_keys(const char *subjects, uint64_t *out);
int subject_count(const char *subjects);

// Taken before a read.
uint64_t changes_mark(void);
// A mark behind all that were taken, for a change that is of no subject.
uint64_t changes_tick(void);
// A mark is only ever raised: of two loops that tick, the later may store first.
void changes_raise(_Atomic uint64_t *mark, uint64_t to);
// An event of it is committed and has no position yet, as far as is known; said `first` or again.
void change_waits(uint64_t subject, bool first);
// Its event has this position; `first`: it was not said before that it waits.
void change_placed(uint64_t subject, int64_t position, bool first);
// Everything may have changed.
void changes_all(void);
// What waited before `mark` has been placed, or was said again since.
void changes_settled(uint64_t mark);

bool subjects_hold(const uint64_t *subjects, int count, uint64_t mark);
bool subjects_hold_position(const uint64_t *subjects, int count, int64_t position);
