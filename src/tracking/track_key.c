#include "tracking/track_key.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "label/label.h"
#include "postal/postal.h"

enum { TYPED_MAX = 512, FOLDED_MAX = 1024, KEY_MAX = 64 };

static const char unknown = '\1';

// In order of `from`: capitals, for what has a small letter is raised first.
static const struct fold {
    int32_t from;
    const char *to;
} folds[] = {
    // clang-format off
    {0x0085, " "}, {0x00b7, "."}, {0x00c2, "AA"}, {0x00ca, "EE"}, {0x00d0, "DD"}, {0x00d4, "OO"},
    {0x0102, "AW"}, {0x0110, "DD"}, {0x01a0, "OW"}, {0x01af, "UW"}, {0x02d7, "-"},
    // Greek
    {0x037f, "J"}, {0x0391, "A"}, {0x0392, "B"}, {0x0395, "E"}, {0x0396, "Z"}, {0x0397, "H"},
    {0x0399, "I"}, {0x039a, "K"}, {0x039c, "M"}, {0x039d, "N"}, {0x039f, "O"}, {0x03a1, "P"},
    {0x03a4, "T"}, {0x03a5, "Y"}, {0x03a7, "X"},
    // Cyrillic
    {0x0405, "S"}, {0x0406, "I"}, {0x0408, "J"}, {0x0410, "A"}, {0x0412, "B"}, {0x0415, "E"},
    {0x0417, "3"}, {0x041a, "K"}, {0x041c, "M"}, {0x041d, "H"}, {0x041e, "O"}, {0x0420, "P"},
    {0x0421, "C"}, {0x0422, "T"}, {0x0423, "Y"}, {0x0425, "X"}, {0x04ae, "Y"}, {0x04ba, "H"},
    {0x04c0, "I"}, {0x0500, "D"}, {0x050c, "G"}, {0x051a, "Q"}, {0x051c, "W"},
    // dashes, dots and spaces
    {0x058a, "-"}, {0x05be, "-"}, {0x1680, " "}, {0x1806, "-"}, {0x2010, "-"}, {0x2011, "-"},
    {0x2012, "-"}, {0x2013, "-"}, {0x2014, "-"}, {0x2015, "-"}, {0x2022, "."}, {0x2028, " "},
    {0x2029, " "}, {0x2043, "-"}, {0x2044, "/"}, {0x2212, "-"}, {0x2215, "/"}, {0x2219, "."},
    {0x22c5, "."}, {0x2796, "-"}, {0x3002, "."},
    // clang-format on
};

static int by_from(const void *wanted, const void *row)
{
    int32_t from = ((const struct fold *)row)->from;
    return (*(const int32_t *)wanted > from) - (*(const int32_t *)wanted < from);
}

// Appends what a character comes to; false when there is no room.
static bool add_folded(int32_t c, char *out, size_t *len)
{
    char one[2] = {unknown, '\0'};
    const char *to = one;
    c = utf8proc_toupper(c);
    const struct fold *row = bsearch(&c, folds, countof(folds), sizeof folds[0], by_from);
    if (row != NULL)
        to = row->to;
    else if (c > 0 && c < 0x80)
        one[0] = (char)c;
    for (; *to; to++) {
        if (*len == FOLDED_MAX - 1)
            return false;
        out[(*len)++] = *to;
    }
    return true;
}

static bool fold_unicode(const char *typed, size_t size, char *out, size_t *len)
{
    static const utf8proc_option_t way =
        UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_IGNORE;
    int32_t chars[FOLDED_MAX];
    utf8proc_ssize_t count =
        utf8proc_decompose((const uint8_t *)typed, (utf8proc_ssize_t)size, chars, FOLDED_MAX, way);
    if (count < 0 || count > FOLDED_MAX)
        return false;
    count = utf8proc_normalize_utf32(chars, count, way);
    for (utf8proc_ssize_t i = 0; i < count; i++)
        if (!add_folded(chars[i], out, len))
            return false;
    return true;
}

// To capital letters, figures and marks of ASCII; what has no such form is `unknown`.
static bool fold(const char *typed, char out[FOLDED_MAX])
{
    size_t size = strnlen(typed, TYPED_MAX + 1), len = 0;
    if (size > TYPED_MAX)
        return false;
    for (; len < size && (unsigned char)typed[len] < 0x80; len++) {
        char c = typed[len];
        out[len] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    if (len < size) {
        len = 0;
        if (!fold_unicode(typed, size, out, &len))
            return false;
    }
    out[len] = '\0';
    return true;
}

// What stands behind the last /T/, without query; the text itself when it is no link.
static char *behind_link(char *text)
{
    char *key = NULL;
    for (char *at = text; (at = strstr(at, "/T/")) != NULL; at += 2)
        key = at + 3;
    if (key == NULL)
        return text;
    key[strcspn(key, "?#")] = '\0';
    return key;
}

// The text without what is in `drop`; false when there is no room.
static bool without(const char *text, const char *drop, char *out, size_t room)
{
    size_t len = 0;
    for (; *text; text++) {
        if (strchr(drop, *text) != NULL)
            continue;
        if (len + 1 == room)
            return false;
        out[len++] = *text;
    }
    out[len] = '\0';
    return true;
}

// --- dossier codes ------------------------------------------------------------------------------

static const char figures[] = "0123456789", heads[] = ".0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static bool between(size_t value, size_t least, size_t most)
{
    return value >= least && value <= most;
}

// Agency, date, sequence.
static bool is_code(const char *text)
{
    size_t head = strspn(text, heads);
    if (!between(head, 3, 24) || text[head] != '-')
        return false;
    text += head + 1;
    size_t date = strspn(text, figures);
    if (!between(date, 6, 8) || text[date] != '-')
        return false;
    text += date + 1;
    size_t sequence = strspn(text, figures);
    return between(sequence, 4, 9) && text[sequence] == '\0';
}

// --- numbers ------------------------------------------------------------------------------------

// Whoever reads a number off paper takes one for the other.
static void mend(char number[S10_TEXT])
{
    for (int i = 0; number[i]; i++) {
        bool letter = i < 2 || i > 10;
        if (letter)
            number[i] = (char)(number[i] == '0' ? 'O' : number[i] == '1' ? 'I' : number[i]);
        else
            number[i] = (char)(number[i] == 'O'                       ? '0'
                               : number[i] == 'I' || number[i] == 'L' ? '1'
                                                                      : number[i]);
    }
}

enum track_kind track_key_normal(const char *typed, char out[TRACK_KEY_MAX])
{
    static const char spaces[] = " \t\n\v\f\r", groups[] = " \t\n\v\f\r.-";
    char folded[FOLDED_MAX];
    if (s10_valid(typed)) { // nearly always
        memcpy(out, typed, S10_TEXT);
        return TRACK_NUMBER;
    }
    out[0] = '\0';
    if (!fold(typed, folded))
        return TRACK_NEITHER;
    if (label_code_number(folded, out))
        return TRACK_NUMBER;
    const char *key = behind_link(folded);
    bool short_enough = strlen(key) <= KEY_MAX;
    bool number = short_enough && without(key, groups, out, S10_TEXT);
    if (number && s10_valid(out))
        return TRACK_NUMBER;
    if (short_enough && without(key, spaces, out, TRACK_KEY_MAX) && is_code(out))
        return TRACK_CODE;
    if (number && without(key, groups, out, S10_TEXT)) {
        mend(out);
        if (s10_valid(out))
            return TRACK_NUMBER;
    }
    out[0] = '\0';
    return TRACK_NEITHER;
}
