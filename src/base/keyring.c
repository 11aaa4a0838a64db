#include "base/keyring.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

uint16_t keyring_id(const uint8_t open[SIGN_KEY_PUBLIC])
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, open, SIGN_KEY_PUBLIC);
    return (uint16_t)(digest[0] << 8 | digest[1]);
}

// The place behind the last, where nobody looks before it is counted. NULL when the ring is full.
static struct sign_key *next_place(struct keyring *keys, int64_t made_at)
{
    if (keys->count == KEYRING_MAX)
        return NULL;
    struct sign_key *key = &keys->list[keys->count];
    *key = (struct sign_key){.made_at = made_at};
    return key;
}

static bool counted(struct keyring *keys, struct sign_key *key)
{
    key->id = keyring_id(key->open);
    if (keyring_find(keys, key->id))
        return false;
    keys->count++;
    return true;
}

bool keyring_add(struct keyring *keys, const uint8_t seed[SIGN_KEY_SEED], int64_t made_at)
{
    struct sign_key *key = next_place(keys, made_at);
    if (!key)
        return false;
    crypto_sign_seed_keypair(key->open, key->secret, seed);
    return counted(keys, key);
}

bool keyring_add_open(struct keyring *keys, const uint8_t open[SIGN_KEY_PUBLIC], int64_t made_at)
{
    struct sign_key *key = next_place(keys, made_at);
    if (!key)
        return false;
    memcpy(key->open, open, SIGN_KEY_PUBLIC);
    key->open_only = true;
    return counted(keys, key);
}

const struct sign_key *keyring_find(const struct keyring *keys, uint16_t id)
{
    for (int i = 0; i < keys->count; i++) {
        if (keys->list[i].id == id)
            return &keys->list[i];
    }
    return NULL;
}

// Whether the key, which stands behind the other, signs rather than that one. A clock that was set
// back leaves a ring whose keys are all to come: then the first of them.
static bool signs_before(const struct sign_key *key, const struct sign_key *other, int64_t now)
{
    if (!other)
        return true;
    if (key->made_at > now)
        return other->made_at > key->made_at;
    return other->made_at > now || other->made_at <= key->made_at;
}

const struct sign_key *keyring_signing(const struct keyring *keys)
{
    const struct sign_key *found = NULL;
    int64_t now = clock_now();
    for (int i = 0; i < keys->count; i++) {
        const struct sign_key *key = &keys->list[i];
        if (!key->revoked_at && !key->open_only && signs_before(key, found, now))
            found = key;
    }
    return found;
}

void keyring_finish(struct keyring *keys)
{
    if (keys->file)
        close(keys->file);
    sodium_memzero(keys, sizeof *keys);
}
