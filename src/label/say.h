#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

// How papers write what they are told: times of Vietnam, numbers in groups, money, weights. Texts
// in `arena`, never NULL.

const char *say_time(struct arena *arena, const char *rfc3339); // 08:15 ngày 26/11/2026
// Of a time, or of a day alone: 26/11/2026.
const char *say_day(struct arena *arena, const char *text);
const char *say_text(struct arena *arena, const char *text); // clean; of NULL nothing
// An S10 number or a receptacle in its groups; anything else as it is written.
const char *say_code(struct arena *arena, const char *code);
const char *say_money(struct arena *arena, int64_t amount); // 26.000 đ
const char *say_weight(struct arena *arena, int64_t grams); // 850 g; 12,4 kg
// All of those that are neither NULL nor empty, with `between` between them.
const char *say_joined(struct arena *arena, const char *between, const char *const *parts,
                       int count);
// The mark of what a demo service made, NULL otherwise.
const char *say_demo(bool demo);
