#pragma once
#include <stddef.h>

#include "base/keyring.h"

// The text of a ring's file. Pure.

enum { KEYRING_TEXT = 16384 }; // more than KEYRING_MAX keys, each revoked, with remarks

// Adds what the text says to an empty ring. `whole`: where the next line is to be written; less
// than len when the last one was not whole, which counts for nothing. False when a line means
// nothing.
must_check bool keyring_parse(struct keyring *keys, char *text, size_t len, size_t *whole);
