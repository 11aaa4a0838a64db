#include "label/keys.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

static json_t *key_json(const struct sign_key *key, const char *purpose, bool signing)
{
    char id[5], made[CLOCK_TEXT], revoked[CLOCK_TEXT],
        open[sodium_base64_ENCODED_LEN(SIGN_KEY_PUBLIC, VARIANT)];
    int64_t revoked_at = key->revoked_at;
    snprintf(id, sizeof id, "%04x", key->id);
    clock_format(key->made_at, made);
    clock_format(revoked_at, revoked);
    sodium_bin2base64(open, sizeof open, key->open, sizeof key->open, VARIANT);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s?}", "kid", id, "kty", "OKP",
                     "crv", "Ed25519", "x", open, "use", "sig", "purpose", purpose, "created_at",
                     made, "signing", signing, "revoked_at", revoked_at ? revoked : NULL);
}

void label_keys_add(json_t *list, const struct keyring *keys, const char *purpose)
{
    const struct sign_key *signing = keyring_signing(keys);
    for (int i = 0; i < keys->count; i++)
        json_array_append_new(list, key_json(&keys->list[i], purpose, &keys->list[i] == signing));
}

static const char *key_read(const json_t *item, struct keyring *out)
{
    uint8_t open[SIGN_KEY_PUBLIC];
    size_t len;
    int64_t made_at = 0, revoked_at = 0;
    const char *kid = json_text(item, "kid"), *x = json_text(item, "x"),
               *made = json_text(item, "created_at"), *revoked = json_text(item, "revoked_at");
    if (!kid || !x)
        return "a key has no \"kid\" or no \"x\"";
    if (sodium_base642bin(open, sizeof open, x, strlen(x), NULL, &len, NULL, VARIANT) != 0 ||
        len != sizeof open)
        return "\"x\" is not 32 bytes in base64url";
    char *end;
    unsigned long id = strtoul(kid, &end, 16);
    if (strlen(kid) != 4 || *end || id != keyring_id(open))
        return "a \"kid\" is not that of its public half";
    const json_t *told = json_object_get(item, "revoked_at");
    if (told && !json_is_null(told) && !revoked)
        return "\"revoked_at\" is neither a time nor null";
    if ((made && !clock_parse(made, &made_at)) || (revoked && !clock_parse(revoked, &revoked_at)))
        return "a time is not RFC 3339";
    if (!keyring_add_open(out, open, made_at))
        return "too many keys, or one twice";
    if (revoked) // the first moment of 1970 is a time too, and 0 is none
        out->list[out->count - 1].revoked_at = revoked_at ? revoked_at : 1;
    return NULL;
}

bool label_keys_read(const json_t *document, const char *purpose, struct keyring *out,
                     const char **why)
{
    size_t i;
    json_t *item;
    const json_t *list = json_object_get(document, "keys");
    *out = (struct keyring){0};
    *why = json_is_array(list) ? NULL : "there is no array \"keys\"";
    json_array_foreach(list, i, item)
    {
        const char *said = json_text(item, "purpose");
        if (!*why && (!said || strcmp(said, purpose) == 0))
            *why = key_read(item, out);
    }
    return !*why;
}
