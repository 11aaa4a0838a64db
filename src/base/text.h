#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

// Text from outside (utf8proc). `text_clean` gives NFC, or NULL when it is not valid UTF-8 or holds
// a C0/C1 control (tab and newline allowed when `lines`), a bidirectional control, a noncharacter
// or NUL.
char *text_clean(struct arena *arena, const char *text, size_t len, bool lines);
size_t text_length(const char *text); // in code points; text is valid UTF-8

// "26.000" : đồng with dots, as written in Vietnam (without the unit).
enum { MONEY_TEXT = 32 };
void text_money(long long amount, char out[MONEY_TEXT]);
// What privacy lets others see of a name: "Nguyễn V*** A***".
char *text_mask_name(struct arena *arena, const char *name);
// And of a telephone number: "*** *** 123"; NULL for one of fewer than six digits.
const char *text_mask_phone(struct arena *arena, const char *phone);
