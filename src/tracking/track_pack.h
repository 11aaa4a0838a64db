#pragma once
#include <stddef.h>

#include "base/buf.h"

// An answer as the database keeps it: some 300 bytes of the 5,000 that it is as text, so that those
// of ten million dossiers stay in memory. It is compressed by Zstandard (RFC 8878) with a
// dictionary of what answers have in common, which is part of the program (answer.dict, made by
// ./dev bench words); an answer packed with another one cannot be read, and is made anew. Any
// thread.
//
//   2 bytes, the number of subjects, low byte first
//   a frame of: tag (16 characters), subjects by spaces, a line feed, the view as JSON text

struct track_answer;

enum { TRACK_VIEW_MAX = 1 << 20 };

// Appends it. A view longer than TRACK_VIEW_MAX gives nothing that can be unpacked.
void track_pack(struct buf *out, const char *tag, const char *subjects, const char *view,
                size_t len);
// One reference, the caller's; its dossier, mark and until are still to be set. NULL: it was not
// packed with this dictionary, or is damaged.
struct track_answer *track_unpack(const void *packed, size_t len);
