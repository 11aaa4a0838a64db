#include "dossier/result_seal.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

enum { SIGNED_TEXT = 400, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
enum { KEY_TEXT = 44, SIGNATURE_TEXT = 87 };

static const char type[] = "dossierpost result 1";

static int signed_text(const struct result_seal *s, char out[SIGNED_TEXT])
{
    char hex[RESULT_HEX], at[CLOCK_TEXT];
    sodium_bin2hex(hex, sizeof hex, s->sha256, sizeof s->sha256);
    clock_format(s->at, at);
    return snprintf(out, SIGNED_TEXT, "%s\n%s\n%" PRId32 "\n%s\n%" PRId64 "\n%s\n", type,
                    s->dossier, s->version, hex, s->size, at);
}

void result_seal_sign(struct result_seal *seal, const struct sign_key *key)
{
    char text[SIGNED_TEXT];
    seal->at -= seal->at % 1000;
    int len = signed_text(seal, text);
    seal->kid = key->id;
    memcpy(seal->key, key->open, sizeof seal->key);
    crypto_sign_detached(seal->signature, NULL, (const uint8_t *)text, (size_t)len, key->secret);
}

static bool signature_fits(const struct result_seal *seal, const struct sign_key *key)
{
    char text[SIGNED_TEXT];
    int len = signed_text(seal, text);
    return crypto_sign_verify_detached(seal->signature, (const uint8_t *)text, (size_t)len,
                                       key->open) == 0;
}

enum result_verdict result_seal_judge(const struct result_seal *seal, const struct keyring *keys)
{
    const struct sign_key *key = keyring_find(keys, seal->kid);
    if (!key || memcmp(key->open, seal->key, sizeof seal->key) != 0)
        return RESULT_UNKNOWN_KEY;
    if (!signature_fits(seal, key))
        return RESULT_ALTERED;
    return key->revoked_at ? RESULT_REVOKED_KEY : RESULT_GENUINE;
}

const char *result_verdict_name(enum result_verdict verdict)
{
    static const char *const names[] = {
        [RESULT_GENUINE] = "genuine",         [RESULT_REVOKED_KEY] = "revoked-key",
        [RESULT_UNKNOWN_KEY] = "unknown-key", [RESULT_ALTERED] = "altered",
        [RESULT_OTHER_FILE] = "other-file",   [RESULT_NO_SEAL] = "no-seal"};
    return names[verdict];
}

// --- as JSON -------------------------------------------------------------------------------------

json_t *result_seal_json(const struct result_seal *s)
{
    char hex[RESULT_HEX], at[CLOCK_TEXT], kid[5], key[KEY_TEXT], signature[SIGNATURE_TEXT];
    sodium_bin2hex(hex, sizeof hex, s->sha256, sizeof s->sha256);
    clock_format(s->at, at);
    snprintf(kid, sizeof kid, "%04x", s->kid);
    sodium_bin2base64(key, sizeof key, s->key, sizeof s->key, VARIANT);
    sodium_bin2base64(signature, sizeof signature, s->signature, sizeof s->signature, VARIANT);
    return json_pack("{s:s, s:s, s:i, s:s, s:I, s:s, s:s, s:s, s:s}", "type", type, "dossier",
                     s->dossier, "version", s->version, "sha256", hex, "size", (json_int_t)s->size,
                     "at", at, "kid", kid, "key", key, "signature", signature);
}

bool result_digest_read(const char *hex, uint8_t out[RESULT_DIGEST])
{
    size_t len;
    return hex && strlen(hex) == RESULT_HEX - 1 &&
           strspn(hex, "0123456789abcdef") == RESULT_HEX - 1 &&
           sodium_hex2bin(out, RESULT_DIGEST, hex, RESULT_HEX - 1, NULL, &len, NULL) == 0;
}

static bool base64_read(const char *text, uint8_t *out, size_t size)
{
    size_t len;
    return text &&
           sodium_base642bin(out, size, text, strlen(text), NULL, &len, NULL, VARIANT) == 0 &&
           len == size;
}

static bool kid_read(const char *text, uint16_t *out)
{
    if (!text || strlen(text) != 4 || strspn(text, "0123456789abcdef") != 4)
        return false;
    *out = (uint16_t)strtoul(text, NULL, 16);
    return true;
}

// The text that was signed has the time as clock_format writes it: one that is written otherwise
// would be another text of the same moment.
static bool at_read(const char *text, int64_t *out)
{
    char again[CLOCK_TEXT];
    if (!text || !clock_parse(text, out))
        return false;
    clock_format(*out, again);
    return strcmp(text, again) == 0;
}

static bool code_read(const char *text, char out[RESULT_CODE])
{
    size_t len = text ? strlen(text) : 0;
    if (len < 8 || len >= RESULT_CODE ||
        strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.-") != len)
        return false;
    memcpy(out, text, len + 1);
    return true;
}

bool result_seal_read(const json_t *json, struct result_seal *out)
{
    const char *said = json_text(json, "type");
    int64_t version = json_int(json, "version", 0);
    *out = (struct result_seal){.version = (int32_t)version, .size = json_int(json, "size", 0)};
    return said && strcmp(said, type) == 0 && json_object_size(json) == 9 && version > 0 &&
           version <= INT32_MAX && out->size > 0 &&
           code_read(json_text(json, "dossier"), out->dossier) &&
           result_digest_read(json_text(json, "sha256"), out->sha256) &&
           at_read(json_text(json, "at"), &out->at) &&
           kid_read(json_text(json, "kid"), &out->kid) &&
           base64_read(json_text(json, "key"), out->key, sizeof out->key) &&
           base64_read(json_text(json, "signature"), out->signature, sizeof out->signature);
}
