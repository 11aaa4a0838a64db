#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

// How many different numbers each address has asked about, so that nobody reads the post's numbers
// from end to end. The arithmetic alone: no clock, no database, no HTTP (track_limit.h has those).
//
// An address has an allowance of `burst` numbers, which fills at `rate` numbers a minute. A new
// number costs one, an unknown one TRACK_UNKNOWN_COST (it is what guessing meets most), one of the
// last 32 that the address asked about a hundredth. While half the allowance is left the answer
// comes at once; below it is held back, longer the less there is, up to TRACK_SLOW_MS; when there
// is none left a number is refused, except one asked about lately, which tells nothing new. What
// is refused costs nothing, so that a neighbour behind the same address is not kept out for ever.
//
// A fixed table of 16,384 addresses (3 MiB), in sets of eight with a lock each; in a full set the
// one whose allowance is whole soonest makes room. An IPv6 address stands for its /64. Places and
// numbers are hashed with secrets, so that nobody chooses whom to push out.
// From any thread. Times are nanoseconds of one monotonic clock, above 0.

enum { TRACK_UNKNOWN_COST = 10, TRACK_SLOW_MS = 2000 };

enum track_admission {
    TRACK_ADMIT,
    TRACK_SLOW,   // answer after *wait milliseconds
    TRACK_REFUSE, // there is room again in *wait milliseconds
};

struct track_meter;

must_check struct track_meter *track_meter_create(int64_t rate, int64_t burst); // both above 0
void track_meter_destroy(struct track_meter *meter);                            // NULL-safe

// What stands for an address, as inet_ntop writes it; whatever else comes shares one place.
uint64_t track_meter_place(const char *address);
enum { TRACK_PLACE_TEXT = 24 };
void track_place_format(uint64_t place, char out[TRACK_PLACE_TEXT]); // 203.0.113.7, 2001:db8:0:1::

enum track_admission track_meter_ask(struct track_meter *meter, uint64_t place, const void *key,
                                     size_t len, int64_t now, int *wait);
// What was asked turned out unknown; counted once while the address's question is remembered.
void track_meter_unknown(struct track_meter *meter, uint64_t place, const void *key, size_t len,
                         int64_t now);

// --- several instances count together -----------------------------------------------------------

// Use is told as the time in which the allowance would be whole again, in microseconds.
struct track_use {
    uint64_t place;
    int64_t used;
};

// Takes what places used since the last time, of those that used a notable part of it (a 64th); the
// rest is kept. Gives how many: at most `most`, the next call goes on from there.
must_check int track_meter_take(struct track_meter *meter, int64_t now, struct track_use *out,
                                int most);
// All instances together had used this, including what track_meter_take gave.
void track_meter_learn(struct track_meter *meter, const struct track_use *use, int64_t now);
int64_t track_meter_most(const struct track_meter *meter); // the greatest use kept of one, in µs
