#pragma once
#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"

// How the tracking page writes things: what the parts of src/tracking/track_*.c share. Text from a
// view is escaped, text of the program's own is not. Every member of a view may be absent or null:
// then nothing is written. Pure; thread-safe.

// Appends a member that is text.
void track_put(struct buf *out, const json_t *object, const char *name);
// Text of view.member.name; "" when there is none.
const char *track_text_at(const json_t *view, const char *member, const char *name);
// 23/11/2026 09:15 of a member that is a time.
must_check bool track_when(const json_t *object, const char *name, char out[CLOCK_TEXT]);
// 28/11 – 01/12/2026 from two days as YYYY-MM-DD; one day where both are the same or one is absent.
must_check bool track_days(const char *first, const char *last, char out[CLOCK_TEXT]);

void track_english(struct buf *out, const char *text);
// Where it is: office, province.
void track_put_place(struct buf *out, const json_t *place);
// The name of a fact in both languages; leaves its <dd> open.
void track_fact(struct buf *out, const char *vi, const char *en);
