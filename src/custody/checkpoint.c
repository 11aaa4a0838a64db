#include "custody/checkpoint.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "custody/canon.h"

enum { SIGNED_TEXT = 300, SIGNATURE_TEXT = 87, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

static int signed_text(const struct checkpoint *c, char out[SIGNED_TEXT])
{
    char root[HASH_TEXT], at[CLOCK_TEXT];
    canon_hash_write(c->root, root);
    clock_format(c->at, at);
    return snprintf(out, SIGNED_TEXT, "dossierpost checkpoint 1\n%s\n%" PRIu64 "\n%s\n%s\n",
                    c->origin, c->size, root, at);
}

void checkpoint_sign(struct checkpoint *c, const struct sign_key *key)
{
    char text[SIGNED_TEXT];
    c->at -= c->at % 1000;
    int len = signed_text(c, text);
    memcpy(c->key, key->open, sizeof c->key);
    crypto_sign_detached(c->signature, NULL, (const uint8_t *)text, (size_t)len, key->secret);
}

bool checkpoint_check(const struct checkpoint *c)
{
    char text[SIGNED_TEXT];
    int len = signed_text(c, text);
    return crypto_sign_verify_detached(c->signature, (const uint8_t *)text, (size_t)len, c->key) ==
           0;
}

// --- as text -------------------------------------------------------------------------------------

void key_write(const uint8_t key[SIGN_KEY_PUBLIC], char out[KEY_TEXT])
{
    sodium_bin2base64(out, KEY_TEXT, key, SIGN_KEY_PUBLIC, VARIANT);
}

static bool base64_read(const char *text, uint8_t *out, size_t size)
{
    size_t len;
    return text &&
           sodium_base642bin(out, size, text, strlen(text), NULL, &len, NULL, VARIANT) == 0 &&
           len == size;
}

bool key_read(const char *text, uint8_t out[SIGN_KEY_PUBLIC])
{
    return base64_read(text, out, SIGN_KEY_PUBLIC);
}

void checkpoint_line(const struct checkpoint *c, char out[CHECKPOINT_LINE])
{
    char root[HASH_TEXT], at[CLOCK_TEXT], key[KEY_TEXT], signature[SIGNATURE_TEXT];
    canon_hash_write(c->root, root);
    clock_format(c->at, at);
    key_write(c->key, key);
    sodium_bin2base64(signature, sizeof signature, c->signature, sizeof c->signature, VARIANT);
    snprintf(out, CHECKPOINT_LINE, "%s %" PRIu64 " %s %s %s %s", c->origin, c->size, root, at, key,
             signature);
}

static bool fill(struct checkpoint *out, const char *origin, const char *root, const char *at,
                 const char *key, const char *signature)
{
    uint8_t id[UUID_BYTES];
    if (!origin || !at || !uuid_parse(origin, id) || !clock_parse(at, &out->at))
        return false;
    uuid_format(id, out->origin);
    return canon_hash_read(root, &out->root) && key_read(key, out->key) &&
           base64_read(signature, out->signature, sizeof out->signature) && out->size > 0;
}

static bool line_parse(const char *text, struct checkpoint *out)
{
    char origin[40], root[70], at[40], key[50], signature[100];
    int end = 0;
    return sscanf(text, "%39s %" SCNu64 " %69s %39s %49s %99s %n", origin, &out->size, root, at,
                  key, signature, &end) == 6 &&
           text[end] == '\0' && fill(out, origin, root, at, key, signature);
}

bool checkpoint_parse(const char *text, struct checkpoint *out)
{
    *out = (struct checkpoint){0};
    if (text[strspn(text, " \t\r\n")] != '{')
        return line_parse(text, out);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const json_t *inner = json_object_get(json, "checkpoint");
    bool good = checkpoint_read(inner ? inner : json, out);
    json_decref(json);
    return good;
}

json_t *checkpoint_json(const struct checkpoint *c)
{
    char root[HASH_TEXT], at[CLOCK_TEXT], key[KEY_TEXT], signature[SIGNATURE_TEXT];
    canon_hash_write(c->root, root);
    clock_format(c->at, at);
    key_write(c->key, key);
    sodium_bin2base64(signature, sizeof signature, c->signature, sizeof c->signature, VARIANT);
    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:s}", "origin", c->origin, "size",
                     (json_int_t)c->size, "root", root, "at", at, "key", key, "signature",
                     signature);
}

bool checkpoint_read(const json_t *json, struct checkpoint *out)
{
    *out = (struct checkpoint){.size = (uint64_t)json_int(json, "size", 0)};
    return json_int(json, "size", 0) > 0 &&
           fill(out, json_text(json, "origin"), json_text(json, "root"), json_text(json, "at"),
                json_text(json, "key"), json_text(json, "signature"));
}
