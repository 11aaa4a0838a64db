#include "postal/s9.h"

#include <ctype.h>
#include <string.h>

enum { CHARS = S9_TEXT - 1, REGISTERED_AT = 24 };

static const int groups[] = {6, 6, 1, 2, 1, 4, 3, 1, 1, 4};

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool shape(const char *text)
{
    for (int i = 0; i < CHARS; i++) {
        bool digit = i >= S9_LANE || ((i == 5 || i == 11) && is_digit(text[i]));
        if (digit ? !is_digit(text[i]) : !is_upper(text[i]))
            return false;
    }
    return text[12] <= 'D' && text[CHARS] == '\0';
}

bool s9_normalize(const char *text, char out[S9_TEXT])
{
    int len = 0;
    for (; *text; text++) {
        if (*text == ' ')
            continue;
        if (len == CHARS)
            return false;
        out[len++] = (char)toupper((unsigned char)*text);
    }
    out[len] = '\0';
    return len == CHARS && shape(out);
}

void s9_group(const char *id, char out[S9_GROUPED])
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; id += groups[i++]) {
        memcpy(out, id, (size_t)groups[i]);
        out += groups[i];
        *out++ = ' ';
    }
    out[-1] = '\0';
}

bool s9_registered(const char *id)
{
    return id[REGISTERED_AT] == '1';
}
