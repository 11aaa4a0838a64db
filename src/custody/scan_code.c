#include <ctype.h>
#include <string.h>

#include "custody/custody.h"
#include "label/label.h"
#include "postal/postal.h"

// A link's length is bounded by the signed code behind its prefix; anything longer is no code.
enum { CODE_MAX = 256 };
_Static_assert((int)SUBJECT_TEXT == (int)S9_TEXT, "a subject is a number or a receptacle");

bool custody_is_container(const char *subject)
{
    return strlen(subject) == S9_TEXT - 1;
}

static enum err number_read(const char *code, char subject[SUBJECT_TEXT])
{
    if (!s10_normalize(code, subject) || !s10_service_allowed(subject))
        return ERR_BAD_CODE;
    return s10_valid(subject) ? ERR_OK : ERR_BAD_CHECK_DIGIT;
}

// Behind the last "/T/" or "/S/" of a link, in either case; NULL when it is none.
static const char *link_tail(const char *code, char letter)
{
    const char *found = NULL;
    for (const char *c = code; (c = strchr(c, '/')) != NULL; c++) {
        if (toupper((unsigned char)c[1]) == letter && c[2] == '/')
            found = c + 3;
    }
    return found;
}

static enum err track_read(const char *tail, char subject[SUBJECT_TEXT])
{
    char number[CODE_MAX];
    size_t len = strcspn(tail, "/?#.");
    memcpy(number, tail, len);
    number[len] = '\0';
    return number_read(number, subject);
}

static enum err signed_read(const char *code, char subject[SUBJECT_TEXT],
                            struct custody_label *label)
{
    struct label_code read;
    enum err err = label_code_read(code, &read);
    if (err != ERR_OK && err != ERR_REVOKED_KEY)
        return err;
    memcpy(subject, read.number, sizeof read.number);
    *label = (struct custody_label){read.copy, err == ERR_REVOKED_KEY};
    return ERR_OK;
}

enum err custody_label_read(const char *code, char subject[SUBJECT_TEXT],
                            struct custody_label *label)
{
    size_t len = strlen(code);
    *label = (struct custody_label){0};
    if (len == 0 || len >= CODE_MAX)
        return ERR_BAD_CODE;
    const char *tail = link_tail(code, 'T');
    if (tail)
        return track_read(tail, subject);
    if (len == LABEL_CODE_CHARS || link_tail(code, 'S'))
        return signed_read(code, subject, label);
    if (s9_normalize(code, subject))
        return ERR_OK;
    return number_read(code, subject);
}

enum err custody_code_read(const char *code, char subject[SUBJECT_TEXT])
{
    struct custody_label label;
    return custody_label_read(code, subject, &label);
}
