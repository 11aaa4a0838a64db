#pragma once
#include "custody/scan.h"
#include "http/capability.h"

// The answer to a device waits until the log has passed its scans, so that the receipt names the
// position and the device may forget them at once: a phone on a bad network has one round trip, not
// two. At most a second; nobody else waits.

must_check bool receipt_wait_setup(void);
must_check bool receipt_wait_open(struct app_loop *app);
void receipt_wait_close(struct app_loop *app);

// `position` 0: one of the scans has none yet, or none of them was recorded.
typedef void receipt_come(void *arg, enum err err, const char *detail, int64_t position);

// `device` 0: none. Memory is the request's. `come` is called once, never from inside.
void receipt_wait(struct request *req, int64_t device, const struct scan *scans, int count,
                  receipt_come *come, void *arg);
