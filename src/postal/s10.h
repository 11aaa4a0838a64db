#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

// S10 item identifiers (UPU): two letters, eight digits, a check digit, two-letter country.
// Pure; safe from any thread.

enum {
    S10_TEXT = 14,    // with the NUL
    S10_GROUPED = 17, // "RR 12345678 5 VN" with the NUL
    S10_PACKED = 6,
};

// What a person or a scanner gives: spaces dropped, letters raised. False when it has not the shape
// of a number at all (a bad code); true says nothing about service letter or check digit.
must_check bool s10_normalize(const char *text, char out[S10_TEXT]);
// Of a normalised number: the first letter is a service in use. J K S T W are reserved, others
// unassigned.
bool s10_service_allowed(const char *number);
// All of it: shape (upper case, no spaces), service letter, check digit.
bool s10_valid(const char *number);
// The digit that belongs behind eight digits.
char s10_check_digit(const char *serial);
// "RR 12345678 5 VN", as it is printed for people.
void s10_group(const char *number, char out[S10_GROUPED]);

// Six bytes, big-endian; the check digit is not in it. `number` is valid.
void s10_pack(const char *number, uint8_t out[S10_PACKED]);
// False when the bytes are no number of ours.
must_check bool s10_unpack(const uint8_t packed[S10_PACKED], char out[S10_TEXT]);
