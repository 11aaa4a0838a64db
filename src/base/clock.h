#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

// Times are int64 microseconds since 1970-01-01T00:00:00Z unless a name says otherwise.
// The service thinks in Vietnam time (+07:00, no summer time) where it writes for people.

int64_t clock_now(void);
int64_t clock_monotonic(void); // microseconds, for durations only

enum { CLOCK_TEXT = 96 };
// 2026-11-23T09:15:00.123+07:00
void clock_format(int64_t at, char out[CLOCK_TEXT]);
// 23/11/2026 09:15, as people in Vietnam write it.
void clock_format_people(int64_t at, char out[CLOCK_TEXT]);
// YYYY-MM-DD, of a day there is.
must_check bool clock_is_date(const char *text);
// RFC 3339 with an offset; at most microseconds. False when it is anything else.
must_check bool clock_parse(const char *text, int64_t *at);

// UUID version 7 (RFC 9562). Thread-safe.
enum { UUID_BYTES = 16, UUID_TEXT = 37 };
void uuid_v7(uint8_t out[UUID_BYTES]);
void uuid_format(const uint8_t id[UUID_BYTES], char out[UUID_TEXT]);
must_check bool uuid_parse(const char *text, uint8_t out[UUID_BYTES]);
// The time a version-7 UUID carries, in microseconds.
int64_t uuid_time(const uint8_t id[UUID_BYTES]);
