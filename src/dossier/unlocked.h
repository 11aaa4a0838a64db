#pragma once
#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/compiler.h"

// The people of a dossier as the second factor of tracking uses and shows them. Pure.

enum { PHONE_DIGITS = 4 };

// The last four digits of the applicant's telephone, however it is written; of one without so many,
// what no input is equal to.
void unlocked_phone(const json_t *personal, char digits[PHONE_DIGITS + 1]);
// Puts the masked people into what dossier.unlocked() gave: applicant {name, phone}, and in result
// recipient {name?, phone?} where somebody else receives it. Never an address or an identity
// number.
void unlocked_join(struct arena *arena, json_t *view, const json_t *personal);
