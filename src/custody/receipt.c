#include "custody/receipt.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

enum { SIGNATURE_TEXT = 87, KEY_TEXT = 44, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

static void add_position(const struct receipt *receipt, const char *none, struct buf *out)
{
    if (receipt->position)
        buf_printf(out, "%" PRId64, receipt->position);
    else
        buf_text(out, none);
}

void receipt_text(const struct receipt *receipt, struct buf *out)
{
    char at[CLOCK_TEXT];
    clock_format(receipt->at, at);
    buf_printf(out, "dossierpost receipt 1\n%s\n", receipt->device[0] ? receipt->device : "-");
    add_position(receipt, "-", out);
    buf_printf(out, "\n%s\n", at);
    for (int i = 0; i < receipt->count; i++) {
        buf_text(out, receipt->lines[i].outcome);
        buf_byte(out, ' ');
        buf_text(out, receipt->lines[i].id);
        buf_byte(out, '\n');
    }
}

static void sign(struct receipt *receipt, const struct sign_key *key)
{
    struct buf text = {0};
    receipt_text(receipt, &text);
    crypto_sign_detached(receipt->signature, NULL, (const uint8_t *)text.data, text.len,
                         key->secret);
    buf_finish(&text);
}

static void add_list(const struct receipt *receipt, const char *name, bool ids, struct buf *out)
{
    buf_printf(out, "\"%s\":[", name);
    for (int i = 0; i < receipt->count; i++) {
        const char *text = ids ? receipt->lines[i].id : receipt->lines[i].outcome;
        if (i)
            buf_byte(out, ',');
        buf_json_string(out, text, strlen(text));
    }
    buf_text(out, "],");
}

void receipt_print(struct receipt *receipt, const struct sign_key *key, struct buf *out)
{
    char at[CLOCK_TEXT], open[KEY_TEXT], signature[SIGNATURE_TEXT];
    sign(receipt, key);
    clock_format(receipt->at, at);
    sodium_bin2base64(open, sizeof open, key->open, sizeof key->open, VARIANT);
    sodium_bin2base64(signature, sizeof signature, receipt->signature, sizeof receipt->signature,
                      VARIANT);
    if (receipt->device[0])
        buf_printf(out, "{\"device\":\"%s\",\"position\":", receipt->device);
    else
        buf_text(out, "{\"device\":null,\"position\":");
    add_position(receipt, "null", out);
    buf_printf(out, ",\"at\":\"%s\",", at);
    add_list(receipt, "ids", true, out);
    add_list(receipt, "outcomes", false, out);
    buf_printf(out, "\"key\":\"%s\",\"signature\":\"%s\"}", open, signature);
}
