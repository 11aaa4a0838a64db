#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"

// Personal data at rest. Each payload is sealed (libsodium secretbox) with a random key of its own;
// that key is itself sealed by the service's master key in <state_dir>/keys/personal.key, which is
// made at the first start and must be backed up apart from the database. The event that speaks of
// the payload keeps only `mac` = HMAC-SHA256(salt, plaintext). Destroying key and salt therefore
// erases the payload for good and leaves every event and every chain of hashes valid.
// seal_setup is called once before the loops run; the rest is safe from any thread.

enum { SEAL_SALT_BYTES = 32, SEAL_MAC_BYTES = 32, SEAL_KEY_BYTES = 73 };

struct sealed {
    const uint8_t *data; // in the arena
    size_t len;
    uint8_t key[SEAL_KEY_BYTES]; // the payload's key, sealed by the master key
    uint8_t salt[SEAL_SALT_BYTES];
    uint8_t mac[SEAL_MAC_BYTES];
};

// Reads the master key, or makes it (folder 0700, file 0600, synced). Says why on failure.
must_check bool seal_setup(const char *state_dir);
// Only looks: false when there is no such file that may be read.
must_check bool seal_look(const char *state_dir);

void seal_close(struct arena *arena, const void *plain, size_t len, struct sealed *out);
// NUL-terminated plaintext, or NULL when key or payload are missing, foreign or damaged.
must_check char *seal_open(struct arena *arena, const void *data, size_t len, const void *key,
                           size_t key_len, size_t *plain_len);
// The same into memory of the caller's, which has room for seal_plain_size(len) bytes.
must_check bool seal_open_into(void *plain, const void *data, size_t len, const void *key,
                               size_t key_len);
size_t seal_plain_size(size_t sealed_len);
// A digest that only this service can make, of content that may be personal and easy to guess.
enum { SEAL_DIGEST_BYTES = 32 };
void seal_digest(const void *data, size_t len, uint8_t digest[SEAL_DIGEST_BYTES]);
// Tells one master key from another and nothing about it.
void seal_mark(uint8_t mark[SEAL_DIGEST_BYTES]);
// Whether `mac` is that of the plaintext under this salt.
must_check bool seal_fits(const void *plain, size_t len, const uint8_t salt[SEAL_SALT_BYTES],
                          const uint8_t mac[SEAL_MAC_BYTES]);
