#pragma once
#include "custody/scan.h"

// A device that sends scans: who it is and how far its clock is off, before; what it has a receipt
// for, after.

// One row: device int8, key uuid, skew int8 (milliseconds to add to its times). `key` NULL: the
// device whose token was shown. `skew_ms` NULL: it did not tell its time.
void device_heard(struct db *db, const struct principal *who, const uint8_t key[UUID_BYTES],
                  const int64_t *skew_ms, db_done *done, void *arg);
// One row: position int8 or NULL. `device` 0: none.
void receipt_call(struct db *db, int64_t device, const struct scan *scans, int count, db_done *done,
                  void *arg);
// The same row, and nothing else.
void position_call(struct db *db, const struct scan *scans, int count, db_done *done, void *arg);
// Whether there is anything to have a position.
bool receipt_has_events(const struct scan *scans, int count);
