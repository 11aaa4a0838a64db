#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "tracking/track_meter.h"

// The limit of public look-ups, for a process: the meter of track_meter.h with conf.track_rate and
// conf.track_burst (rate 0: no limit), asked on every loop without a lock held beyond one address's
// and without the database (some 60 ns). Once a second, off the way of requests, the first loop
// tells the database what addresses used here and reads what they have used everywhere, in one
// statement. So several instances have one allowance for each address, a second late: who asks all
// of them within it gets an allowance of each, once. While the database is away each instance
// counts for itself.
//
//   track_limit_ask      before a number is looked up, with its canonical form (track_key.h)
//   track_limit_unknown  when nobody knows it: also for foreign and mistyped ones, which cost alike
//
// Who is exempt, and the address behind a proxy, is decided in track_limit_http.h.

struct app_loop;

must_check bool track_limit_setup(void);
must_check bool track_limit_open(struct app_loop *app);
void track_limit_close(struct app_loop *app);

// *wait, in milliseconds: how long to hold the answer back, or until there is room again.
enum track_admission track_limit_ask(const char *address, const char *key, size_t len, int *wait);
void track_limit_unknown(const char *address, const char *key, size_t len);
