#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/compiler.h"

// The pass that opening a dossier with the receipt's code gives: it downloads this dossier's result
// for RESULT_TOKEN_SECONDS, without a login. Its id, when it ends, and a digest of both that only
// this service can make (base/seal.h), in base64url: nothing of it is kept, and every instance that
// shares the keys takes it. Any thread.

enum { RESULT_TOKEN_SECONDS = 600, RESULT_TOKEN_TEXT = 76 };

void result_token(const uint8_t dossier[UUID_BYTES], int64_t ends_at, char out[RESULT_TOKEN_TEXT]);
// False: it is none of ours, or its time is over.
must_check bool result_token_read(const char *token, int64_t now, uint8_t dossier[UUID_BYTES]);
