#pragma once
#include <jansson.h>

#include "base/compiler.h"
#include "base/keyring.h"

// Keys as they are published: {"keys": [{kid, kty, crv, x, use, purpose, created_at, signing,
// revoked_at}]}, each a JSON Web Key (RFC 8037) with more members. created_at: when it was made, or
// from when on it signs. revoked_at: null while it counts.

void label_keys_add(json_t *list, const struct keyring *keys, const char *purpose);
// The keys of such a document that have this purpose, or none, to verify with. False, with `why` in
// English, when it is none, or a key's id is not that of its public half.
must_check bool label_keys_read(const json_t *document, const char *purpose, struct keyring *out,
                                const char **why);
