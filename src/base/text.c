#include "base/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

static bool bidi_control(int32_t c)
{
    return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

static bool acceptable(int32_t c, bool lines)
{
    if (c < 0x20)
        return lines && (c == '\n' || c == '\t');
    if (c >= 0x7f && c <= 0x9f)
        return false;
    if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef)) // noncharacters
        return false;
    return !bidi_control(c) && c != 0xfeff;
}

char *text_clean(struct arena *arena, const char *text, size_t len, bool lines)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + len;
    bool ascii = true;
    while (at < end) {
        int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate(at, end - at, &c);
        if (n <= 0 || !acceptable(c, lines))
            return NULL;
        ascii = ascii && c < 0x80;
        at += n;
    }
    if (ascii)
        return arena_copy(arena, text, len);
    uint8_t *composed = NULL;
    utf8proc_ssize_t size = utf8proc_map((const uint8_t *)text, (utf8proc_ssize_t)len, &composed,
                                         UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (size < 0)
        return NULL;
    char *out = arena_copy(arena, composed, (size_t)size);
    free(composed);
    return out;
}

size_t text_length(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

void text_money(long long amount, char out[MONEY_TEXT])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu",
                       amount < 0 ? 0 - (unsigned long long)amount : (unsigned long long)amount);
    char *to = out;
    if (amount < 0)
        *to++ = '-';
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *to++ = '.';
        *to++ = digits[i];
    }
    *to = '\0';
}

static const char *next_letter(const char *at)
{
    at++;
    while (((unsigned char)*at & 0xc0) == 0x80)
        at++;
    return at;
}

// Of two words and more the first whole (the commonest family name is that of a third of all
// people), of each other word the first letter: "Nguyễn V*** A***".
char *text_mask_name(struct arena *arena, const char *name)
{
    name += strspn(name, " ");
    size_t first = strcspn(name, " ");
    bool alone = name[first + strspn(name + first, " ")] == '\0';
    char *out = alone ? arena_strdup(arena, "") : arena_copy(arena, name, first);
    const char *word = alone ? name : name + first;
    for (; *(word += strspn(word, " ")); word += strcspn(word, " "))
        out = arena_printf(arena, "%s%s%.*s***", out, *out ? " " : "",
                           (int)(next_letter(word) - word), word);
    return out;
}

const char *text_mask_phone(struct arena *arena, const char *phone)
{
    char last[4] = "";
    int digits = 0;
    for (; *phone; phone++) {
        if (isdigit((unsigned char)*phone)) {
            digits++;
            memmove(last, last + 1, 2);
            last[2] = *phone;
        }
    }
    return digits < 6 ? NULL : arena_printf(arena, "*** *** %s", last);
}
