#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/keyring_text.h"

static bool key_line(struct keyring *keys, unsigned id, int64_t made_at, const char *hex)
{
    uint8_t seed[SIGN_KEY_SEED];
    size_t len;
    bool good = sodium_hex2bin(seed, sizeof seed, hex, strlen(hex), NULL, &len, NULL) == 0 &&
                len == sizeof seed && keyring_add(keys, seed, made_at) &&
                keys->list[keys->count - 1].id == id;
    sodium_memzero(seed, sizeof seed);
    return good;
}

// The first time counts.
static bool revoked_line(struct keyring *keys, unsigned id, int64_t at)
{
    for (int i = 0; i < keys->count; i++) {
        if (keys->list[i].id != id)
            continue;
        if (!keys->list[i].revoked_at)
            keys->list[i].revoked_at = at;
        return at > 0;
    }
    return false;
}

// ended: a key without its end is whole when its id fits, a time of which the rest was lost is not.
static bool line_read(struct keyring *keys, const char *line, bool ended)
{
    unsigned id;
    int64_t at;
    char hex[2 * SIGN_KEY_SEED + 2];
    int end = -1;
    if (line[0] == '#' || line[strspn(line, " \t\r")] == '\0')
        return true;
    if (sscanf(line, "%4x revoked %" SCNd64 " %n", &id, &at, &end) == 2 && end > 0)
        return line[end] == '\0' && ended && revoked_line(keys, id, at);
    end = -1;
    bool good = sscanf(line, "%4x %" SCNd64 " %65s %n", &id, &at, hex, &end) == 3 && end > 0 &&
                line[end] == '\0' && key_line(keys, id, at, hex);
    sodium_memzero(hex, sizeof hex);
    return good;
}

bool keyring_parse(struct keyring *keys, char *text, size_t len, size_t *whole)
{
    size_t at = 0;
    *whole = 0;
    while (at < len) {
        char *line = text + at, *end = memchr(line, '\n', len - at);
        size_t next = end ? (size_t)(end - text) + 1 : len;
        text[end ? next - 1 : len] = '\0';
        bool good = line_read(keys, line, end != NULL);
        if (!good && end)
            return false;
        if (good)
            *whole = next;
        at = next;
    }
    return true;
}
