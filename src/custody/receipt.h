#pragma once
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/keyring.h"

// What a device may delete because the service has it, signed with the log's key. Ed25519 signs
// the text
//   dossierpost receipt 1\n DEVICE\n POSITION\n AT\n        (without the blanks)
// and then for each scan, in the order they were sent, a line
//   OUTCOME ID\n                                            (with the blank)
// DEVICE: its UUID, or "-" for none; POSITION: decimal, all these events stand in the log up to it,
// or "-" while one of them has no position yet or none was recorded; AT:
// 2026-11-23T09:15:00.123+07:00; OUTCOME: recorded, duplicate, exception or refused; ID: as it was
// sent, without control characters. UTF-8. As JSON: {device, position, at, ids, outcomes, key,
// signature}, device and position null instead of "-", key and signature in base64url. Pure.

struct receipt_line {
    const char *id, *outcome;
};

struct receipt {
    char device[UUID_TEXT]; // "": none
    int64_t position;       // 0: none
    int64_t at;
    int count;
    const struct receipt_line *lines;
    uint8_t signature[64];
};

void receipt_text(const struct receipt *receipt, struct buf *out);
// Signs, and appends the JSON object.
void receipt_print(struct receipt *receipt, const struct sign_key *key, struct buf *out);
