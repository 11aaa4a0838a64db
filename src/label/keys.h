#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

// The ring of Ed25519 keys that sign labels. One file, <state_dir>/keys/label.key, mode 0600, made
// at first start; a line a key: id in hex, time it was made (microseconds), seed in hex. The newest
// signs, all of them verify: to change keys, add a line. A key's id is the first two bytes of
// SHA-256 of its public half, so two services never agree on an id by accident only.
// Loaded once at start, then constant.

enum { LABEL_KEYS_MAX = 16, LABEL_KEY_PUBLIC = 32, LABEL_KEY_SEED = 32, LABEL_KEY_SECRET = 64 };

struct label_key {
    uint16_t id;
    int64_t made_at;
    uint8_t open[LABEL_KEY_PUBLIC], secret[LABEL_KEY_SECRET];
};

struct label_keys {
    int count; // the last one is the newest
    struct label_key list[LABEL_KEYS_MAX];
};

// Makes folder and file when they are missing. False after a line in the log that says why.
must_check bool label_keys_load(struct label_keys *keys, const char *state_dir);
// Adds the key of a seed. False when the ring is full or holds that id already.
must_check bool label_keys_add(struct label_keys *keys, const uint8_t seed[LABEL_KEY_SEED],
                               int64_t made_at);
const struct label_key *label_keys_find(const struct label_keys *keys, uint16_t id);
const struct label_key *label_keys_newest(const struct label_keys *keys); // NULL for an empty ring
void label_keys_finish(struct label_keys *keys);                          // wipes the secrets
