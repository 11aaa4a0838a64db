#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/keyring.h"
#include "custody/merkle.h"

// A signed head of the log. Ed25519 signs the text
//   dossierpost checkpoint 1\n ORIGIN\n SIZE\n ROOT\n AT\n        (without the blanks)
// ORIGIN: the log's UUID; SIZE: decimal; ROOT: hex; AT: 2026-11-23T09:15:00.123+07:00. Outside the
// database it is a line "ORIGIN SIZE ROOT AT KEY SIGNATURE" (key and signature in base64url), or a
// JSON object with members of these names. Pure.

struct checkpoint {
    char origin[UUID_TEXT];
    uint64_t size;
    struct merkle_hash root;
    int64_t at; // whole milliseconds
    uint8_t key[SIGN_KEY_PUBLIC], signature[64];
};

// Fills key and signature, and cuts `at` to milliseconds.
void checkpoint_sign(struct checkpoint *c, const struct sign_key *key);
must_check bool checkpoint_check(const struct checkpoint *c); // by the key it names

enum { CHECKPOINT_LINE = 400, KEY_TEXT = 44 };
void checkpoint_line(const struct checkpoint *c, char out[CHECKPOINT_LINE]); // without newline
// A line, or JSON: an object, or one that has a member "checkpoint".
must_check bool checkpoint_parse(const char *text, struct checkpoint *out);
json_t *checkpoint_json(const struct checkpoint *c);
must_check bool checkpoint_read(const json_t *json, struct checkpoint *out);

void key_write(const uint8_t key[SIGN_KEY_PUBLIC], char out[KEY_TEXT]); // base64url
must_check bool key_read(const char *text, uint8_t out[SIGN_KEY_PUBLIC]);
