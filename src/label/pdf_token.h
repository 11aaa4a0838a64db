#pragma once
#include <stdbool.h>
#include <stddef.h>

// The words of a PDF document outside its streams. Pure.

enum pdf_token_kind {
    PDF_END,    // nothing more
    PDF_NUMBER, // a whole number of at most nine digits: `value`
    PDF_NAME,
    PDF_WORD,  // obj, R, true, << and ] …
    PDF_OTHER, // a string, another number
    PDF_BAD,
};

struct pdf_token {
    enum pdf_token_kind kind;
    size_t at, end;
    int value;
};

struct pdf_cursor {
    const char *data;
    size_t at, end;
};

struct pdf_token pdf_next(struct pdf_cursor *cursor);
bool pdf_is(const struct pdf_cursor *cursor, struct pdf_token token, const char *text);
// Whether these words follow, with a space between each; the cursor is behind them then.
bool pdf_follows(struct pdf_cursor *cursor, const char *words);
// Whether exactly these bytes follow; the cursor is behind them then.
bool pdf_exactly(struct pdf_cursor *cursor, const char *bytes);
// Whether a whole number follows; the cursor is behind it then.
bool pdf_number(struct pdf_cursor *cursor, int *value);
