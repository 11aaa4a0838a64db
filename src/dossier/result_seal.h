#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/keyring.h"

// The seal of a result that is given on line. Ed25519, with a key of the ring "result"
// (base/keyring.h), signs the text
//   dossierpost result 1\n DOSSIER\n VERSION\n SHA256\n SIZE\n AT\n        (without the blanks)
// DOSSIER: the dossier's code; VERSION and SIZE (bytes of the file): decimal; SHA256: of the file,
// hex; AT: when it was sealed, 2026-11-23T09:15:00.123+07:00. Beside the PDF it is a JSON object
// {type: "dossierpost result 1", dossier, version, sha256, size, at, kid, key, signature}, key and
// signature in base64url, kid and key as GET /v1/keys shows them. It names nobody, and is as good
// when service and database are gone. Pure.

enum { RESULT_DIGEST = 32, RESULT_SIGNATURE = 64, RESULT_CODE = 65 };

struct result_seal {
    char dossier[RESULT_CODE];
    int32_t version;
    int64_t size;
    uint8_t sha256[RESULT_DIGEST];
    int64_t at; // whole milliseconds
    uint16_t kid;
    uint8_t key[SIGN_KEY_PUBLIC], signature[RESULT_SIGNATURE];
};

// Fills kid, key and signature, and cuts `at` to milliseconds.
void result_seal_sign(struct result_seal *seal, const struct sign_key *key);
json_t *result_seal_json(const struct result_seal *seal);
// False: it is none, or a member is not of its shape.
must_check bool result_seal_read(const json_t *json, struct result_seal *out);

// What a seal is worth: its key must be one of the ring, whatever key it names itself.
enum result_verdict {
    RESULT_GENUINE,
    RESULT_REVOKED_KEY, // signed by a key that counts no more
    RESULT_UNKNOWN_KEY,
    RESULT_ALTERED,    // the signature is not that of its members
    RESULT_OTHER_FILE, // the seal is genuine, of another file
    RESULT_NO_SEAL,
};
must_check enum result_verdict result_seal_judge(const struct result_seal *seal,
                                                 const struct keyring *keys);
// "genuine", "revoked-key", "unknown-key", "altered", "other-file", "no-seal".
const char *result_verdict_name(enum result_verdict verdict);

enum { RESULT_HEX = 2 * RESULT_DIGEST + 1 };
// Of 64 hex digits, lower case.
must_check bool result_digest_read(const char *hex, uint8_t out[RESULT_DIGEST]);
