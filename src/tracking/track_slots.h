#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What of the world has changed since an answer was made, for the whole process and without a lock.
//
// A subject (a dossier's id, a shipment's number, a container's id) falls into one of a fixed
// number of slots by its hash; a slot remembers when it last changed. Two subjects in one slot only
// make an answer look older than it is. Time here is a count of changes, not a clock.
//
// A change is known from its own acknowledgement on this instance, before it has a position in the
// log, or from the log. An answer read from the database at mark M holds while no slot of its
// subjects changed after M; a kept answer that holds the log up to position P holds while nothing
// of its subjects is known behind P and nothing waits for its position. Any thread.

enum { TRACK_SLOTS = 1 << 19 };

uint32_t slot_of(const char *subject, size_t len);
// The slots of subjects that stand one behind the other with single spaces. `out` has room for one
// a space and one more; returns how many.
int slots_of(const char *subjects, uint32_t *out);

// Taken before a read.
uint64_t slots_mark(void);
// A mark behind all that were taken, for a change that is in no slot.
uint64_t slots_tick(void);
// A mark is only ever raised: of two loops that tick, the later may store first.
void slots_raise(_Atomic uint64_t *mark, uint64_t to);
// An event of it is committed and has no position yet, as far as is known; said `first` or again.
void slot_waits(uint32_t slot, bool first);
// Its event has this position; `first`: it was not said before that it waits.
void slot_placed(uint32_t slot, int64_t position, bool first);
// Everything may have changed.
void slots_all_changed(void);
// What waited before `mark` has been placed, or was said again since.
void slots_settled(uint64_t mark);

bool slots_hold(const uint32_t *slots, int count, uint64_t mark);
bool slots_hold_position(const uint32_t *slots, int count, int64_t position);
