#include "label/code.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "postal/postal.h"

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static void base32_write(const uint8_t *data, size_t len, char *out)
{
    unsigned held = 0, bits = 0;
    for (size_t i = 0; i < len; i++) {
        held = held << 8 | data[i];
        for (bits += 8; bits >= 5; bits -= 5)
            *out++ = base32[held >> (bits - 5) & 31];
        held &= 0xff;
    }
    *out = '\0';
}

static int base32_value(char c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

static bool base32_read(const char *text, size_t chars, uint8_t *out)
{
    unsigned held = 0, bits = 0;
    for (size_t i = 0; i < chars; i++) {
        int value = base32_value(text[i]);
        if (value < 0)
            return false;
        held = (held << 5 | (unsigned)value) & 0xfff;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            *out++ = (uint8_t)(held >> bits);
        }
    }
    return true;
}

static void put(uint8_t *out, uint32_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--, value >>= 8)
        out[i] = (uint8_t)value;
}

static uint32_t get(const uint8_t *in, int bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | in[i];
    return value;
}

bool label_code_make(const struct keyring *keys, struct label_code *code,
                     char out[LABEL_CODE_CHARS + 1])
{
    const struct sign_key *key = keyring_signing(keys);
    uint8_t raw[LABEL_CODE_BYTES];
    if (!key || code->office > 0xffffff || !s10_valid(code->number))
        return false;
    s10_pack(code->number, raw + 3);
    code->key = key->id;
    raw[0] = LABEL_CODE_VERSION;
    put(raw + 1, code->key, 2);
    put(raw + 9, code->office, 3);
    put(raw + 12, code->day, 2);
    raw[14] = code->copy;
    raw[15] = code->flags;
    crypto_sign_detached(raw + LABEL_CODE_HEAD, NULL, raw, LABEL_CODE_HEAD, key->secret);
    base32_write(raw, sizeof raw, out);
    return true;
}

// Where the 128 characters begin, or NULL. A scanner may end its text with a line break.
static const char *code_start(const char *text, size_t len)
{
    if (len == LABEL_CODE_CHARS)
        return text;
    if (len < LABEL_CODE_CHARS + 3)
        return NULL;
    const char *start = text + len - LABEL_CODE_CHARS;
    return start[-3] == '/' && toupper((unsigned char)start[-2]) == 'S' && start[-1] == '/' ? start
                                                                                            : NULL;
}

static const struct {
    const char *name;
    enum err err;
} verdicts[] = {
#define LABEL_VERDICT_ROW(name, text, err) {text, err},
    LABEL_VERDICTS(LABEL_VERDICT_ROW)};

const char *label_verdict_name(enum label_verdict verdict)
{
    return verdicts[verdict].name;
}

enum err label_verdict_err(enum label_verdict verdict)
{
    return verdicts[verdict].err;
}

static bool raw_read(const char *text, uint8_t raw[LABEL_CODE_BYTES])
{
    size_t len = strlen(text);
    while (len && isspace((unsigned char)text[len - 1]))
        len--;
    const char *start = code_start(text, len);
    return start && base32_read(start, LABEL_CODE_CHARS, raw) && raw[0] == LABEL_CODE_VERSION;
}

enum label_verdict label_code_judge(const struct keyring *keys, const char *text,
                                    struct label_code *out)
{
    uint8_t raw[LABEL_CODE_BYTES];
    *out = (struct label_code){0};
    if (!raw_read(text, raw))
        return LABEL_NO_CODE;
    out->key = (uint16_t)get(raw + 1, 2);
    const struct sign_key *key = keyring_find(keys, out->key);
    if (!key)
        return LABEL_UNKNOWN_KEY;
    if (crypto_sign_verify_detached(raw + LABEL_CODE_HEAD, raw, LABEL_CODE_HEAD, key->open))
        return LABEL_ALTERED;
    if (!s10_unpack(raw + 3, out->number))
        return LABEL_NO_CODE;
    out->office = get(raw + 9, 3);
    out->day = (uint16_t)get(raw + 12, 2);
    out->copy = raw[14];
    out->flags = raw[15];
    return key->revoked_at ? LABEL_REVOKED_KEY : LABEL_GENUINE;
}

enum err label_code_check(const struct keyring *keys, const char *text, struct label_code *out)
{
    return label_verdict_err(label_code_judge(keys, text, out));
}

bool label_code_number(const char *text, char number[14])
{
    uint8_t raw[LABEL_CODE_BYTES];
    return raw_read(text, raw) && s10_unpack(raw + 3, number);
}

// QR's alphanumeric set without the space, which no link may hold.
static bool plain_link(const char *url)
{
    return strspn(url, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$%*+-./:") == strlen(url);
}

void label_links_make(struct label_links *links, const char *public_url)
{
    char upper[LABEL_CODE_URL_MAX];
    size_t len = 0;
    *links = (struct label_links){0};
    for (; public_url[len] && len < sizeof upper - 1; len++)
        upper[len] = (char)toupper((unsigned char)public_url[len]);
    while (len && upper[len - 1] == '/')
        len--;
    upper[len] = '\0';
    const char *host = strstr(upper, "://");
    if (!host || strchr(host + 3, '/') || !plain_link(upper) || len + 4 > sizeof links->code)
        return;
    char *const prefixes[] = {links->code, links->track, links->checkpoint, links->handover};
    for (size_t i = 0; i < countof(prefixes); i++)
        snprintf(prefixes[i], LABEL_CODE_URL_MAX, "%.*s/%c/", (int)(sizeof upper - 4), upper,
                 "STCG"[i]);
}

uint16_t label_day(int64_t at)
{
    const int64_t second = 1000000, vietnam = 7 * 3600 * second;
    return (uint16_t)((at + vietnam) / (86400 * second));
}

void label_day_format(uint16_t day, char out[LABEL_DAY_TEXT])
{
    char text[CLOCK_TEXT];
    clock_format((int64_t)day * 86400 * 1000000, text);
    snprintf(out, LABEL_DAY_TEXT, "%.10s", text);
}
