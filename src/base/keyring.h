#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

// A ring of Ed25519 keys that the service signs with: label.key for labels, log.key for the log's
// checkpoints, result.key for results on line. One file each, <state_dir>/keys/NAME.key, mode 0600,
// made at first start with one key, and only added to. A line is
//   KID TIME SEED          a key: its id in hex, when it was made or is to sign from (microseconds
//                          since 1970), its seed in hex
//   KID revoked TIME       nothing that this key signed counts any more
//   # …                    passed over, as is an empty line
// A key's id is the first two bytes of SHA-256 of its public half, so two services never agree on
// an id by accident only. Of the keys whose time has come the one with the latest time signs, be it
// anywhere in the file (of one time: the last); older ones still verify, unless they are revoked; a
// file in which none may sign is refused. Keys of the log are not revoked: what they
// signed stands in many hands. The first key stays for ever, because by it a service knows its
// database (cmd/keys.h). A last line without its end that means nothing, or would revoke, is what a
// crash left: no error, but told, and written over.
//
// The last KEYRING_SPARE places are kept for the keys that take the place of revoked ones. When
// those are gone too, an older key signs again, as long as one is left that may: a key that was
// stolen can always be revoked before there is nothing else to sign with.
//
// A running service looks for what was added each second (keyrings_refresh), and at once when it
// meets a key it does not know (keyrings_look_again): so a key may sign as soon as it is made,
// wherever the folder is shared. The file stays open, because a service that began as root may not
// open it again. In memory a ring only grows: a pointer to a key stays good, and any thread may
// read.

enum {
    KEYRING_MAX = 64,
    KEYRING_SPARE = 8,
    SIGN_KEY_PUBLIC = 32,
    SIGN_KEY_SEED = 32,
    SIGN_KEY_SECRET = 64
};

struct sign_key {
    uint16_t id;
    bool open_only; // there is no secret
    int64_t made_at;
    _Atomic(int64_t) revoked_at; // 0: it counts
    uint8_t open[SIGN_KEY_PUBLIC], secret[SIGN_KEY_SECRET];
};

struct keyring {
    atomic_int count; // in the order they were made
    struct sign_key list[KEYRING_MAX];
    int file; // 0: none is held open; it is never one of the standard ones
    int64_t seen_at, seen_size;
};

// Makes folder and file when they are missing. False after a line in the log that says why.
must_check bool keyring_load(struct keyring *keys, const char *state_dir, const char *name);
// Only looks: false, and an empty ring, when there is no such file that may be read.
must_check bool keyring_look(struct keyring *keys, const char *state_dir, const char *name);
// Adds the key of a seed. False when the ring is full or holds that id already.
must_check bool keyring_add(struct keyring *keys, const uint8_t seed[SIGN_KEY_SEED],
                            int64_t made_at);
// Adds a public half, which verifies only.
must_check bool keyring_add_open(struct keyring *keys, const uint8_t open[SIGN_KEY_PUBLIC],
                                 int64_t made_at);
// Public half and id of the same key, as they are published; by it the id is checked.
uint16_t keyring_id(const uint8_t open[SIGN_KEY_PUBLIC]);
const struct sign_key *keyring_find(const struct keyring *keys, uint16_t id);
// Never a revoked one. NULL when none may sign: not of a ring that was loaded, from any thread.
const struct sign_key *keyring_signing(const struct keyring *keys);
void keyring_finish(struct keyring *keys); // wipes the secrets

// Changes of the file, for a command line; `keys` is read anew from it, and holds the change
// afterwards. Safe beside running services and another such command. False having said why.
// A fresh key that signs from then on.
must_check bool keyring_new(struct keyring *keys, const char *state_dir, const char *name,
                            int64_t signs_from);
// For good. Of the key that signs: a fresh one is made in the same write, or on a full ring an
// older one signs; false when there is none.
must_check bool keyring_revoke(struct keyring *keys, const char *state_dir, const char *name,
                               uint16_t id);

// The rings whose public halves GET /v1/keys shows. In setup; `keys` must stay.
void keyring_publish(const char *use, struct keyring *keys);
// NULL behind the last.
const struct keyring *keyring_published(int index, const char **use);
// Takes in what was added to the files of the published rings. Costs a look at each when nothing
// was. A file that is not the ring's any more changes nothing, and is told once. From any thread.
void keyrings_refresh(const char *state_dir);
// The same for a key that is not known: at most once in 200 ms, because anybody may name one.
void keyrings_look_again(const char *state_dir);
