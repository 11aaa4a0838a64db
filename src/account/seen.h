#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "account/account.h"

// Who the tokens that a loop saw lately belong to, so that most requests ask no database. Bounded;
// of two tokens for one place the newer stays. Loop thread only.

struct seen;

struct seen *seen_create(void);
void seen_destroy(struct seen *seen);
// False when it is not known. `who` gets copies in `arena`; account 0: a token of nobody.
bool seen_find(struct seen *seen, const uint8_t hash[TOKEN_HASH], int64_t now, struct arena *arena,
               struct principal *who);
// Remembers until `until` (monotonic), unless something was forgotten since `generation`: the
// answer may then be older than what was told.
void seen_keep(struct seen *seen, uint64_t generation, const uint8_t hash[TOKEN_HASH],
               const struct principal *who, int64_t until);
void seen_forget(struct seen *seen); // everything
uint64_t seen_generation(const struct seen *seen);
