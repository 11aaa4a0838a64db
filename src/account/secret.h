#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "account/account.h"

// Passwords and tokens; no database, no HTTP. Safe from any thread after secret_start.

must_check bool secret_start(void);

// `hash` NULL: nobody has this login. Takes as long as a real comparison and is false.
must_check bool password_verify(const char *hash, const char *password);

enum { TOKEN_TEXT = 44 };
void token_make(char text[TOKEN_TEXT], uint8_t hash[TOKEN_HASH]);
// Of a cookie's value or a Bearer credential. False when it cannot be one of ours.
must_check bool token_read(const char *text, uint8_t hash[TOKEN_HASH]);
