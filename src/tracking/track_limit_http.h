#pragma once
#include <stddef.h>

#include "http/request.h"

// The limit of look-ups (track_limit.h) in front of a handler. Staff and those who link their
// programs to these are exempt: their reading is recorded or agreed on. An applicant is not,
// however logged in.

typedef void track_go(void *arg);

// Goes on with go(arg): at once, or after a while on a timer that holds nothing else; or answers
// 429 with Retry-After. `key` is what is asked about, of `len` bytes; used during the call only.
void track_limited(struct request *req, const char *key, size_t len, track_go *go, void *arg);
// The answer is that nobody knows the key: before the reply.
void track_not_known(struct request *req, const char *key, size_t len);
