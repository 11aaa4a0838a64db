#include "account/secret.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { TOKEN = 32 };

static const char key_prefix[] = "dpk_";
static char nobody[crypto_pwhash_STRBYTES];

_Static_assert(sizeof(nobody) <= PASSWORD_HASH, "an argon2id hash fits");

bool password_hash(const char *password, char out[PASSWORD_HASH])
{
    return crypto_pwhash_str(out, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}

bool secret_start(void)
{
    char random[TOKEN_TEXT], hash[PASSWORD_HASH];
    uint8_t unused[TOKEN_HASH];
    if (sodium_init() < 0)
        return false;
    token_make(random, unused);
    if (!password_hash(random, hash))
        return false;
    memcpy(nobody, hash, sizeof(nobody));
    return true;
}

bool password_verify(const char *hash, const char *password)
{
    bool right = crypto_pwhash_str_verify(hash ? hash : nobody, password, strlen(password)) == 0;
    return right && hash != NULL;
}

static void token_hash(const uint8_t token[TOKEN], uint8_t hash[TOKEN_HASH])
{
    crypto_hash_sha256(hash, token, TOKEN);
}

void token_make(char text[TOKEN_TEXT], uint8_t hash[TOKEN_HASH])
{
    uint8_t token[TOKEN];
    randombytes_buf(token, sizeof(token));
    sodium_bin2base64(text, TOKEN_TEXT, token, sizeof(token),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    token_hash(token, hash);
    sodium_memzero(token, sizeof(token));
}

void api_key_make(char text[API_KEY_TEXT], uint8_t hash[TOKEN_HASH])
{
    char token[TOKEN_TEXT];
    token_make(token, hash);
    snprintf(text, API_KEY_TEXT, "%s%s", key_prefix, token);
}

bool token_read(const char *text, uint8_t hash[TOKEN_HASH])
{
    uint8_t token[TOKEN];
    size_t len;
    if (strncmp(text, key_prefix, strlen(key_prefix)) == 0)
        text += strlen(key_prefix);
    if (sodium_base642bin(token, sizeof(token), text, strlen(text), NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        len != sizeof(token))
        return false;
    token_hash(token, hash);
    sodium_memzero(token, sizeof(token));
    return true;
}
