#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

// A ring of Ed25519 keys that the service signs with: label.key for labels, log.key for the log's
// checkpoints. One file each, <state_dir>/keys/NAME.key, mode 0600, made at first start; a line a
// key: id in hex, time it was made (microseconds), seed in hex. The newest signs, all of them
// verify: to change keys, add a line. A key's id is the first two bytes of SHA-256 of its public
// half, so two services never agree on an id by accident only. Loaded once at start, then constant.

enum { KEYRING_MAX = 16, SIGN_KEY_PUBLIC = 32, SIGN_KEY_SEED = 32, SIGN_KEY_SECRET = 64 };

struct sign_key {
    uint16_t id;
    int64_t made_at;
    uint8_t open[SIGN_KEY_PUBLIC], secret[SIGN_KEY_SECRET];
};

struct keyring {
    int count; // the last one is the newest
    struct sign_key list[KEYRING_MAX];
};

// Makes folder and file when they are missing. False after a line in the log that says why.
must_check bool keyring_load(struct keyring *keys, const char *state_dir, const char *name);
// Only looks: false, and an empty ring, when there is no such file that may be read.
must_check bool keyring_look(struct keyring *keys, const char *state_dir, const char *name);
// Adds the key of a seed. False when the ring is full or holds that id already.
must_check bool keyring_add(struct keyring *keys, const uint8_t seed[SIGN_KEY_SEED],
                            int64_t made_at);
const struct sign_key *keyring_find(const struct keyring *keys, uint16_t id);
const struct sign_key *keyring_newest(const struct keyring *keys); // NULL for an empty ring
void keyring_finish(struct keyring *keys);                         // wipes the secrets

// The rings whose public halves GET /v1/keys shows. In setup; `keys` must stay.
void keyring_publish(const char *use, const struct keyring *keys);
// NULL behind the last.
const struct keyring *keyring_published(int index, const char **use);
