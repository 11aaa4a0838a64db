#include "label/pdf_token.h"

#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_regular(char c)
{
    return c > ' ' && c < 0x7f && !strchr("()<>[]{}/%", c);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_space(struct pdf_cursor *cursor)
{
    while (cursor->at < cursor->end) {
        if (cursor->data[cursor->at] == '%') {
            while (cursor->at < cursor->end && cursor->data[cursor->at] != '\n')
                cursor->at++;
        } else if (!is_space(cursor->data[cursor->at])) {
            return;
        } else {
            cursor->at++;
        }
    }
}

// Behind its closing parenthesis; 0 when there is none.
static size_t string_end(const struct pdf_cursor *cursor)
{
    int depth = 0;
    for (size_t at = cursor->at; at < cursor->end; at++) {
        if (cursor->data[at] == '\\')
            at++;
        else if (cursor->data[at] == '(')
            depth++;
        else if (cursor->data[at] == ')' && --depth == 0)
            return at + 1;
    }
    return 0;
}

static size_t hex_end(const struct pdf_cursor *cursor)
{
    const char *close = memchr(cursor->data + cursor->at, '>', cursor->end - cursor->at);
    return close ? (size_t)(close - cursor->data) + 1 : 0;
}

static size_t regular_end(const struct pdf_cursor *cursor, size_t at)
{
    while (at < cursor->end && is_regular(cursor->data[at]))
        at++;
    return at;
}

static bool is_number(const char *text, size_t len)
{
    while (len > 0 && *text && strchr("+-.0123456789", *text))
        text++, len--;
    return len == 0;
}

static void set_regular(const struct pdf_cursor *cursor, struct pdf_token *token)
{
    size_t len = token->end - token->at, digits = 0;
    const char *text = cursor->data + token->at;
    int value = 0;
    for (; digits < len && digits < 9 && is_digit(text[digits]); digits++)
        value = value * 10 + (text[digits] - '0');
    token->value = value;
    if (len == 0)
        token->kind = PDF_BAD;
    else if (is_number(text, len))
        token->kind = digits == len ? PDF_NUMBER : PDF_OTHER;
    else
        token->kind = is_digit(*text) ? PDF_BAD : PDF_WORD;
}

struct pdf_token pdf_next(struct pdf_cursor *cursor)
{
    skip_space(cursor);
    struct pdf_token token = {PDF_END, cursor->at, cursor->at, 0};
    size_t left = cursor->end - cursor->at;
    if (left == 0)
        return token;
    const char *text = cursor->data + cursor->at;
    bool twice = left > 1 && text[1] == text[0];
    if (*text == '/') {
        token.kind = PDF_NAME;
        token.end = regular_end(cursor, token.at + 1);
    } else if (*text == '[' || *text == ']' || ((*text == '<' || *text == '>') && twice)) {
        token.kind = PDF_WORD;
        token.end = token.at + (*text == '[' || *text == ']' ? 1 : 2);
    } else if (*text == '(' || *text == '<') {
        token.end = *text == '(' ? string_end(cursor) : hex_end(cursor);
        token.kind = token.end ? PDF_OTHER : PDF_BAD;
    } else {
        token.end = regular_end(cursor, token.at);
        set_regular(cursor, &token);
    }
    cursor->at = token.kind == PDF_BAD ? cursor->end : token.end;
    return token;
}

bool pdf_is(const struct pdf_cursor *cursor, struct pdf_token token, const char *text)
{
    size_t len = strlen(text);
    return token.end - token.at == len && memcmp(cursor->data + token.at, text, len) == 0;
}

bool pdf_follows(struct pdf_cursor *cursor, const char *words)
{
    while (*words) {
        size_t len = strcspn(words, " ");
        struct pdf_token token = pdf_next(cursor);
        if (token.end - token.at != len || memcmp(cursor->data + token.at, words, len) != 0)
            return false;
        words += len;
        words += strspn(words, " ");
    }
    return true;
}

bool pdf_exactly(struct pdf_cursor *cursor, const char *bytes)
{
    size_t len = strlen(bytes);
    if (cursor->end - cursor->at < len || memcmp(cursor->data + cursor->at, bytes, len) != 0)
        return false;
    cursor->at += len;
    return true;
}

bool pdf_number(struct pdf_cursor *cursor, int *value)
{
    struct pdf_token token = pdf_next(cursor);
    *value = token.value;
    return token.kind == PDF_NUMBER;
}
