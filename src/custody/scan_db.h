#pragma once
#include "custody/scan.h"

// Scans on their way to custody.record_scans, one batcher a loop.

struct db_batch *scan_batch_create(struct db *db);

// Fills what came back (strings in `arena`), then calls scan_recorded(). False when too many wait:
// nothing was sent.
must_check bool scan_submit(struct db_batch *batch, struct scan *scan);

// scan_http.c: one scan of a request is done; scan->err says whether it was written at all.
void scan_recorded(struct scan *scan);
// The arena that outlives the scan.
struct arena *scan_arena(const struct scan *scan);
