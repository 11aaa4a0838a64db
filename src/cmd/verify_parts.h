#pragma once
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "cmd/admin.h"
#include "custody/canon.h"
#include "custody/findings.h"

// The parts of cmd/verify.c. Blocking, in pages of some thousand rows; memory does not grow with
// the log, but for 48 bytes for each checkpoint held outside.

struct outside_row {
    uint64_t size;
    struct merkle_hash root;
};

struct purge_row;

struct verify {
    struct admin admin;
    struct findings f;
    struct trust trust;
    char origin[UUID_TEXT];
    uint64_t head;     // the log's last position in our view
    uint64_t stored;   // size of the last checkpoint in the database
    int64_t next_xid;  // events of older transactions have positions
    int outside_count; // checkpoints held outside, by size
    struct outside_row *outside;
    int purge_count; // partitions that were dropped after their time
    struct purge_row *purges;
    struct buf scratch;
    int64_t told_at;
};

// A position of the log with its event (verify_row.c).
struct log_row {
    uint64_t position;
    const char *subject;
    size_t subject_len;
    uint8_t id[16];
    struct merkle_hash hash, prev, joined; // stored
    struct merkle_hash before, head; // of the rows before it: of the subject, of the container
    bool event_there;
    int64_t xid;
    struct canon_event event;
};

// Up to 5,000 rows of the positions behind `after` up to `to`, in order; subject: their events only
// of this one, of all when NULL. NULL having said why.
PGresult *verify_rows(struct verify *v, uint64_t after, uint64_t to, const char *subject);
void verify_row_read(const PGresult *rows, int row, struct log_row *out);
// Event, hash and chain; adds what is wrong. False when something is, or the event was purged.
must_check bool verify_row(struct verify *v, const struct log_row *row);

// Partitions that were purged (verify_purge.c): read them; whether one explains that the event of a
// row is gone; what is to be said of them when all rows asked for, whole: of the log, were gone
// through.
must_check bool verify_purges_read(struct verify *v);
must_check bool verify_purged(struct verify *v, const struct log_row *row);
must_check bool verify_purges_close(struct verify *v, bool whole);

// A statement without result.
must_check bool verify_run(struct verify *v, const char *sql, int count, const char *const *values);
// Any query, binary result. NULL having said why.
PGresult *verify_ask(struct verify *v, const char *sql, int count, const char *const *values);
// Row 0's columns from 0 on: size, root, at, key, signature.
must_check bool verify_checkpoint_row(struct verify *v, const PGresult *r, int row,
                                      struct checkpoint *out);
// Events older than the log's end without a position; of all subjects when NULL.
must_check bool verify_unplaced(struct verify *v, const char *subject);
void verify_progress(struct verify *v, uint64_t done, uint64_t of);

// Each false when it could not be done; what it found is in v->f.
// Every position and the root over them; the events of all subjects, or of one (verify_log.c).
must_check bool verify_all(struct verify *v, const char *subject);
must_check bool verify_range(struct verify *v, uint64_t from, uint64_t to); // verify_some.c
// Personal data, of all subjects or of one, against the events' macs.
must_check bool verify_payloads(struct verify *v, const char *subject);
// A file of lines, or one of JSON. quiet: it may be absent, and lines of another log are passed
// over.
must_check bool verify_outside_read(struct verify *v, const char *path, bool quiet);
must_check bool verify_outside_add(struct verify *v, const struct outside_row *row);
