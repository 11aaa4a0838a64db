#pragma once
#include <jansson.h>

#include "base/buf.h"

// The parts of the tracking page that say things in words, each appended to `out` (its members:
// track_page.h). Pure; thread-safe.

// Where it is, who acts next and when it will be done: what the first screen of a phone shows.
void track_part_now(struct buf *out, const json_t *view);
void track_part_steps(struct buf *out, const json_t *view);
// Status, hand-over, decision, and both clocks.
void track_part_facts(struct buf *out, const json_t *view);
void track_part_timeline(struct buf *out, const json_t *view);
void track_part_shipments(struct buf *out, const json_t *view);
// Nobody knows the number; NULL: none was typed yet.
void track_part_unknown(struct buf *out, const char *number);

// What `expected` says, for text and page alike: what is expected, and between which days. False
// when nothing is.
struct track_expected {
    const char *vi, *en;
    char days[96];
};
must_check bool track_expected(const json_t *view, struct track_expected *out);
