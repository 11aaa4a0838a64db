#include "dossier/receipt_code.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

static const char letters[] = "0123456789CFGHJKMNPRTVX";

static const struct {
    char typed, meant;
} look_alikes[] = {{'O', '0'}, {'Q', '0'}, {'D', '0'}, {'I', '1'}, {'L', '1'},
                   {'Z', '2'}, {'S', '5'}, {'B', '8'}, {'U', 'V'}};

_Static_assert(sizeof letters == 23 + 1, "no letter is missing");

static void make(const uint8_t dossier[UUID_BYTES], int32_t issue, char plain[RECEIPT_CODE_PLAIN])
{
    char text[80], id[UUID_TEXT];
    uint8_t digest[SEAL_DIGEST_BYTES];
    uint64_t value;
    uuid_format(dossier, id);
    int len = snprintf(text, sizeof text, "receipt-code\n%s\n%d", id, issue);
    seal_digest(text, (size_t)len, digest);
    memcpy(&value, digest, sizeof value);
    for (int i = 0; i < RECEIPT_CODE_LETTERS; i++, value /= sizeof letters - 1)
        plain[i] = letters[value % (sizeof letters - 1)];
    plain[RECEIPT_CODE_LETTERS] = '\0';
}

void receipt_code(const uint8_t dossier[UUID_BYTES], int32_t issue, char out[RECEIPT_CODE_TEXT])
{
    char plain[RECEIPT_CODE_PLAIN];
    make(dossier, issue, plain);
    snprintf(out, RECEIPT_CODE_TEXT, "%.4s %.4s", plain, plain + 4);
}

static char meant(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    for (size_t i = 0; i < countof(look_alikes); i++)
        if (look_alikes[i].typed == c)
            return look_alikes[i].meant;
    return c;
}

bool receipt_code_read(const char *typed, char plain[RECEIPT_CODE_PLAIN])
{
    int count = 0;
    for (; *typed; typed++) {
        char c = meant(*typed);
        if (c == ' ' || c == '-')
            continue;
        if (count == RECEIPT_CODE_LETTERS || !strchr(letters, c))
            return false;
        plain[count++] = c;
    }
    plain[count] = '\0';
    return count == RECEIPT_CODE_LETTERS;
}

void receipt_code_hash(const uint8_t dossier[UUID_BYTES], const char *plain,
                       uint8_t hash[SEAL_DIGEST_BYTES])
{
    char text[80], id[UUID_TEXT];
    uuid_format(dossier, id);
    int len = snprintf(text, sizeof text, "receipt-hash\n%s\n%.8s", id, plain);
    seal_digest(text, (size_t)len, hash);
}

void receipt_code_hash_of(const uint8_t dossier[UUID_BYTES], int32_t issue,
                          uint8_t hash[SEAL_DIGEST_BYTES])
{
    char plain[RECEIPT_CODE_PLAIN];
    make(dossier, issue, plain);
    receipt_code_hash(dossier, plain, hash);
}

const char *receipt_code_of(struct arena *arena, const json_t *told)
{
    uint8_t id[UUID_BYTES];
    const char *text = json_text(told, "id");
    int64_t issue = json_int(told, "receipt_issue", 0);
    if (!text || issue < 1 || !uuid_parse(text, id))
        return NULL;
    char *code = arena_alloc(arena, RECEIPT_CODE_TEXT);
    receipt_code(id, (int32_t)issue, code);
    return code;
}

void receipt_code_show(struct arena *arena, json_t *reply)
{
    const char *code = receipt_code_of(arena, reply);
    if (code)
        json_object_set_new(reply, "receipt_code", json_string(code));
    json_object_del(reply, "receipt_issue");
}
