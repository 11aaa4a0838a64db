#pragma once
#include <stdbool.h>

#include "base/compiler.h"

// S9 receptacle identifiers (UPU), 29 characters: offices of origin and destination 6 each,
// category 1, subclass 2, last digit of the year 1, despatch 4, receptacle 3, flags "highest of its
// despatch" and "registered" 1 each, weight 4. Pure; safe from any thread.

enum {
    S9_TEXT = 30,    // with the NUL
    S9_GROUPED = 39, // with the NUL
    S9_LANE = 15,    // what is letters, but for the end of an office's code
};

// What a person or a scanner gives: spaces dropped, letters raised. False when it has not the shape
// of a receptacle at all.
must_check bool s9_normalize(const char *text, char out[S9_TEXT]);
// "VNAAAB VNAAAC A UN 6 0012 001 0 1 0034", as it is printed for people. `id` is normalised.
void s9_group(const char *id, char out[S9_GROUPED]);
bool s9_registered(const char *id);
