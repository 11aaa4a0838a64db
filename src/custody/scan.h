#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/seal.h"
#include "custody/custody.h"
#include "db/db.h"
#include "http/request.h"

// One scan between the JSON it came as and the row it becomes. All memory is the request's.

struct scan {
    struct db_batch_item item; // its key is the subject: two scans of one never share a batch
    struct scans *all;         // the request's
    const char *sent_id;       // as the client wrote it

    // What goes to the database.
    uint8_t id[UUID_BYTES], refers[UUID_BYTES];
    bool has_refers;
    char subject[SUBJECT_TEXT], container_id[SUBJECT_TEXT];
    struct custody_label label;
    const char *kind, *container, *target, *reason, *next_action, *data;
    int64_t at, account, unit, device, device_seq;
    int32_t roles;
    uint8_t digest[SEAL_DIGEST_BYTES];
    struct sealed personal; // what is sealed apart from the event; len 0: nothing
    const char *plain;      // its text; NULL: nothing

    // What came back.
    enum err err; // of the write itself
    const char *outcome, *state, *holder_kind, *holder_ref, *holder_name, *warnings, *first;
    enum err problem; // why it was refused
    const char *fault_vi, *fault_en;
};

// scan_item.c: the shape of one scan, and its reading. A scan that is malformed gets `problem` and
// is not to be sent; its neighbours do not care.
extern const struct json_field scan_shape[];
must_check bool scan_read(struct request *req, json_t *item, struct scan *scan);

// scan_clock.c: the scans of one body, those with a `problem` left out, came from a device whose
// clock is that far behind ours (milliseconds), at `received`. Their times are corrected: `data`
// then has skew_ms, what was added to the device's time. None is later than its receipt; their
// order stays that of the device. `data` has clock_off_ms where a person should know: the skew was
// told but is too great to be applied, or a scan was still over five minutes ahead.
void scans_of_device(struct arena *arena, struct scan *list, int count, int64_t device,
                     int64_t skew_ms, int64_t received);

// scan_reply.c: the result of one scan as JSON.
struct buf;
void scan_print(struct buf *out, const struct request *req, const struct scan *scan);
