#pragma once
#include "base/compiler.h"

// What people type, paste or scan to look a dossier up, made into the one form it is stored in.
// Pure; safe from any thread; nothing is allocated, and what is longer than a link with a signed
// code can be (512 bytes) is not read.
//
// Understood: S10 numbers and dossier codes (both forms of the portal) in either case of letters,
// with any spaces; a number also with dots or hyphens between its groups. Further a link of ours
// that ends in /t/ and one of them, whatever stands before it or in its query, and the signed code
// of a label, bare or as a link that ends in /s/ and it (label/code.h; only what number it names:
// whether it is genuine is asked elsewhere).
// Folded: whatever Unicode calls compatible (full-width, mathematical, superscript), invisible
// characters, letters of Cyrillic and Greek that look like Latin ones, every dash and dot; what the
// Telex way of typing makes of a doubled letter (EE → Ê); in a number the letters O, I, L where a
// figure belongs and 0, 1 where a letter does.
//
// Where SQL dossier.normal() accepts, the form is its own, except that a number must have the right
// check digit and a service letter in use: no other was ever given out.

enum track_kind {
    TRACK_NEITHER, // nothing can be stored under it; *out is empty
    TRACK_NUMBER,  // RR123456785VN
    TRACK_CODE,    // 000.00.16.H40-240531-0001
};

enum { TRACK_KEY_MAX = 48 }; // with the NUL

enum track_kind track_key_normal(const char *typed, char out[TRACK_KEY_MAX]);
