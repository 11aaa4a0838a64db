#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "postal/postal.h"
#include "tracking/track_key.h"

// Any text: what it comes to is in the form that is stored, comes to itself, and does so from the
// links and the wide letters that it may be written in.

static void hold(bool good)
{
    if (!good)
        abort();
}

static void same(enum track_kind kind, const char *form, const char *text)
{
    char out[TRACK_KEY_MAX];
    hold(track_key_normal(text, out) == kind && strcmp(out, form) == 0);
}

// U+FF01 … U+FF5E are the ASCII ones from '!' on.
static char *put_wide(char c, char *to)
{
    unsigned wide = 0xff01u + (unsigned)(c - '!');
    *to++ = (char)(0xe0 | wide >> 12);
    *to++ = (char)(0x80 | (wide >> 6 & 0x3f));
    *to++ = (char)(0x80 | (wide & 0x3f));
    return to;
}

static void written_otherwise(enum track_kind kind, const char *form)
{
    char text[4 * TRACK_KEY_MAX], *to = text;
    same(kind, form, form);
    snprintf(text, sizeof text, "HTTPS://X/T/%s?from=qr", form);
    same(kind, form, text);
    for (const char *c = form; *c; c++)
        to = put_wide(*c, to);
    *to = '\0';
    same(kind, form, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char out[TRACK_KEY_MAX];
    char *text = malloc(size + 1);
    hold(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    enum track_kind kind = track_key_normal(text, out);
    free(text);
    hold((kind == TRACK_NEITHER) == (out[0] == '\0'));
    if (kind == TRACK_NUMBER)
        hold(s10_valid(out));
    else if (kind == TRACK_CODE)
        hold(strspn(out, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.-") == strlen(out));
    if (kind != TRACK_NEITHER)
        written_otherwise(kind, out);
    return 0;
}
