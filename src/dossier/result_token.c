#include "dossier/result_token.h"

#include <sodium.h>
#include <string.h>

#include "base/seal.h"

enum {
    DATA = UUID_BYTES + 8,
    TOKEN = DATA + SEAL_DIGEST_BYTES,
    VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};

_Static_assert(sodium_base64_ENCODED_LEN(TOKEN, VARIANT) == RESULT_TOKEN_TEXT, "its length");

static void digest_of(const uint8_t data[DATA], uint8_t digest[SEAL_DIGEST_BYTES])
{
    static const char what[] = "result-token\n";
    uint8_t text[sizeof what - 1 + DATA];
    memcpy(text, what, sizeof what - 1);
    memcpy(text + sizeof what - 1, data, DATA);
    seal_digest(text, sizeof text, digest);
}

void result_token(const uint8_t dossier[UUID_BYTES], int64_t ends_at, char out[RESULT_TOKEN_TEXT])
{
    uint8_t token[TOKEN];
    memcpy(token, dossier, UUID_BYTES);
    for (int i = 0; i < 8; i++)
        token[UUID_BYTES + i] = (uint8_t)((uint64_t)ends_at >> (56 - 8 * i));
    digest_of(token, token + DATA);
    sodium_bin2base64(out, RESULT_TOKEN_TEXT, token, sizeof token, VARIANT);
}

bool result_token_read(const char *text, int64_t now, uint8_t dossier[UUID_BYTES])
{
    uint8_t token[TOKEN], digest[SEAL_DIGEST_BYTES];
    uint64_t ends_at = 0;
    size_t len;
    if (sodium_base642bin(token, sizeof token, text, strlen(text), NULL, &len, NULL, VARIANT) !=
            0 ||
        len != sizeof token)
        return false;
    digest_of(token, digest);
    for (int i = 0; i < 8; i++)
        ends_at = ends_at << 8 | token[UUID_BYTES + i];
    memcpy(dossier, token, UUID_BYTES);
    return sodium_memcmp(digest, token + DATA, sizeof digest) == 0 && (int64_t)ends_at > now;
}
