#pragma once
#include <jansson.h>

#include "base/compiler.h"
#include "base/keyring.h"

// Keys as they are published: {"keys": [{kid, kty, crv, x, use, purpose, created_at, signing,
// revoked_at}]}, each a JSON Web Key (RFC 8037) with more members. created_at: when it was made, or
// from when on it signs. revoked_at: null while it counts.

void label_keys_add(json_t *list, const struct keyring *keys, const char *purpose);
// The label's keys of such a document, to verify with. False, with `why` in English, when it is
// none, or a key's id is not that of its public half.
must_check bool label_keys_read(const json_t *document, struct keyring *out, const char **why);
