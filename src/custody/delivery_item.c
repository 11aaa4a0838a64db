#include "custody/delivery_item.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "attachment/attachment.h"

enum { SIGNATURE_MAX = 32768, LAST_DIGITS = 4, WORD_MAX = 20 };

static const struct json_field authorisation_shape[] = {
    {"kind", JSON_KIND_TEXT, true, 1, 100, .text = "What paper it is"},
    {"number", JSON_KIND_TEXT, false, 1, 60},
    {"date", JSON_KIND_TEXT, false, 1, 20},
    {"attachment", JSON_KIND_TEXT, false, 64, 64, .text = "SHA-256 of its picture or PDF, in hex"},
    {0},
};

static const struct json_field old_paper_shape[] = {
    {"surrendered", JSON_KIND_BOOL, true, .text = "The old paper was given back"},
    {"attachment", JSON_KIND_TEXT, false, 64, 64, .text = "SHA-256 of its picture, in hex"},
    {0},
};

const struct json_field delivery_recipient[] = {
    {"name", JSON_KIND_TEXT, true, 1, 200, .text = "Who took it"},
    {"relation", JSON_KIND_TEXT, false, 1, 100,
     .text = "What the person is to the addressee: a code of /v1/custody/vocabulary, relations"},
    {"id_checked", JSON_KIND_BOOL, .text = "The identity paper was looked at"},
    {"id_kind", JSON_KIND_TEXT, false, 1, 60, .text = "What identity paper it was"},
    {"id_last", JSON_KIND_TEXT, false, 1, LAST_DIGITS, .text = "Last digits of its number"},
    {"id_number", JSON_KIND_TEXT, false, 4, 20,
     .text = "Its number; only the last four digits are kept, and that it was looked at"},
    {"phone", JSON_KIND_TEXT, false, 8, 20},
    {"authorisation", JSON_KIND_OBJECT, .shape = authorisation_shape,
     .text = "The paper of somebody who takes it for the addressee"},
    {"old_paper", JSON_KIND_OBJECT, .shape = old_paper_shape,
     .text = "The old paper that is recovered at delivery"},
    {0},
};

const struct json_field delivery_proof[] = {
    {"kind", JSON_KIND_TEXT, true, 1, 40, .text = "signature, photo, code, or none"},
    {"attachment", JSON_KIND_TEXT, false, 64, 64,
     .text = "SHA-256 of the picture in hex; it may come after the scan"},
    {"signature", JSON_KIND_LINES, false, 1, SIGNATURE_MAX,
     .text = "A drawn signature as a path, instead of a picture"},
    {"code", JSON_KIND_TEXT, false, 4, 12, .text = "One-time code given to the applicant"},
    {0},
};

// A word of ours, so that nobody's words come into the event.
static const char *word(const char *text, const char *otherwise)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
    return text[len] == '\0' && len <= WORD_MAX ? text : otherwise;
}

static bool add_file(json_t *files, const json_t *from)
{
    char ref[ATTACHMENT_REF];
    const char *sha256 = json_text(from, "attachment");
    if (!sha256)
        return true;
    if (!attachment_ref(sha256, ref))
        return false;
    json_array_append_new(files, json_string(ref));
    return true;
}

// The number of somebody's identity paper goes no further than this.
static void cut_number(json_t *recipient)
{
    const char *number = json_text(recipient, "id_number");
    if (!number)
        return;
    size_t len = strlen(number);
    const char *last = number + (len > LAST_DIGITS ? len - LAST_DIGITS : 0);
    while (((unsigned char)*last & 0xc0) == 0x80) // not into a letter
        last++;
    json_object_set_new(recipient, "id_last", json_string(last));
    json_object_set_new(recipient, "id_checked", json_true());
    json_object_del(recipient, "id_number");
}

static void read_recipient(json_t *recipient, json_t *data)
{
    const char *relation = json_text(recipient, "relation");
    cut_number(recipient);
    json_object_set_new(data, "recipient", json_true());
    if (relation)
        json_object_set_new(data, "relation", json_string(word(relation, "other")));
    if (json_bool(recipient, "id_checked"))
        json_object_set_new(data, "id_checked", json_true());
    if (json_object_get(recipient, "authorisation"))
        json_object_set_new(data, "authorised", json_true());
    if (json_bool(json_object_get(recipient, "old_paper"), "surrendered"))
        json_object_set_new(data, "old_paper", json_true());
}

bool delivery_read(json_t *item, json_t *data)
{
    json_t *recipient = json_object_get(item, "recipient");
    const json_t *proof = json_object_get(item, "proof");
    json_t *files = json_array();
    bool good = add_file(files, proof) &&
                add_file(files, json_object_get(recipient, "authorisation")) &&
                add_file(files, json_object_get(recipient, "old_paper"));
    if (recipient)
        read_recipient(recipient, data);
    if (proof)
        json_object_set_new(data, "proof", json_string(word(json_text(proof, "kind"), "unknown")));
    if (json_object_get(proof, "attachment"))
        json_object_set_new(data, "pictured", json_true());
    if (json_object_get(proof, "signature"))
        json_object_set_new(data, "drawn", json_true());
    if (json_array_size(files))
        json_object_set(data, "attachments", files);
    json_decref(files);
    return good;
}

void delivery_code_digest(const char *subject, const char *code, uint8_t digest[SEAL_DIGEST_BYTES])
{
    char text[SUBJECT_TEXT + 64];
    int len = snprintf(text, sizeof text, "delivery-code\n%s\n%s", subject, code);
    seal_digest(text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1, digest);
}

bool delivery_take_code(json_t *item, const char *subject, char hex[DELIVERY_CODE_HEX])
{
    uint8_t digest[SEAL_DIGEST_BYTES];
    json_t *proof = json_object_get(item, "proof");
    const char *code = json_text(proof, "code");
    if (!code)
        return false;
    delivery_code_digest(subject, code, digest);
    sodium_bin2hex(hex, DELIVERY_CODE_HEX, digest, sizeof digest);
    json_object_del(proof, "code");
    return true;
}
