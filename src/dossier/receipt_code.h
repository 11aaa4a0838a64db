#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/seal.h"

// The code on the applicant's receipt: "7KCM 40XR", two groups of four from 23 letters and figures,
// 36 bits. Of two that look alike only one is in it, and the other is read as that one; without
// vowels, D and W no way of typing Vietnamese makes other letters of them, and they spell no word.
// It follows
// from the dossier's id and the issue under the service's key (base/seal.h): so it can be printed
// again, and the database keeps its keyed hash alone. Another issue is another code. Any thread.

enum { RECEIPT_CODE_LETTERS = 8, RECEIPT_CODE_TEXT = 10, RECEIPT_CODE_PLAIN = 9 };

void receipt_code(const uint8_t dossier[UUID_BYTES], int32_t issue, char out[RECEIPT_CODE_TEXT]);
// As people type it: any case, with or without spaces or dashes, look-alikes. False: it is none.
must_check bool receipt_code_read(const char *typed, char plain[RECEIPT_CODE_PLAIN]);
// What the database keeps. `plain`: without the space.
void receipt_code_hash(const uint8_t dossier[UUID_BYTES], const char *plain,
                       uint8_t hash[SEAL_DIGEST_BYTES]);
// The same of an issue's own code.
void receipt_code_hash_of(const uint8_t dossier[UUID_BYTES], int32_t issue,
                          uint8_t hash[SEAL_DIGEST_BYTES]);

// What SQL tells of a receipt (dossier.receipt_issue: id, receipt_issue) as its code, in the arena.
// NULL: the dossier has none.
const char *receipt_code_of(struct arena *arena, const json_t *told);
// Puts receipt_code in a reply in place of receipt_issue.
void receipt_code_show(struct arena *arena, json_t *reply);
