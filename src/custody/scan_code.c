#include <ctype.h>
#include <string.h>

#include "custody/custody.h"
#include "label/label.h"
#include "postal/postal.h"

// A link's length is bounded by the signed code behind its prefix; anything longer is no code.
enum { CODE_MAX = 256, RECEPTACLE = SUBJECT_TEXT - 1, SERIALS_AT = 15 };

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// UPU S9: two offices of six, category, subclass, then year, despatch, receptacle, flags, weight.
static bool receptacle_shape(const char *text)
{
    for (int i = 0; i < RECEPTACLE; i++) {
        bool digit = i >= SERIALS_AT || ((i == 5 || i == 11) && is_digit(text[i]));
        if (digit ? !is_digit(text[i]) : !is_upper(text[i]))
            return false;
    }
    return text[12] <= 'D' && text[RECEPTACLE] == '\0';
}

bool custody_is_container(const char *subject)
{
    return strlen(subject) == RECEPTACLE;
}

static bool receptacle_read(const char *code, char subject[SUBJECT_TEXT])
{
    int len = 0;
    for (; *code; code++) {
        if (*code == ' ')
            continue;
        if (len == RECEPTACLE)
            return false;
        subject[len++] = (char)toupper((unsigned char)*code);
    }
    subject[len] = '\0';
    return len == RECEPTACLE && receptacle_shape(subject);
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

static enum err signed_read(const char *code, char subject[SUBJECT_TEXT])
{
    struct label_code read;
    enum err err = label_code_read(code, &read);
    if (err == ERR_OK)
        memcpy(subject, read.number, sizeof read.number);
    return err;
}

enum err custody_code_read(const char *code, char subject[SUBJECT_TEXT])
{
    size_t len = strlen(code);
    if (len == 0 || len >= CODE_MAX)
        return ERR_BAD_CODE;
    const char *tail = link_tail(code, 'T');
    if (tail)
        return track_read(tail, subject);
    if (len == LABEL_CODE_CHARS || link_tail(code, 'S'))
        return signed_read(code, subject);
    if (receptacle_read(code, subject))
        return ERR_OK;
    return number_read(code, subject);
}
