#pragma once

// The one table of what can be wrong with a request is err.def. A row: name, HTTP status, slug of
// the problem `type` (/problems/<slug>), title and explanation in Vietnamese and English.
// C names a row by its enum; SQL raises it by its slug (function base.problem), and db/result.c
// finds the row again by that slug.

enum err {
    ERR_OK,
#define ERR(name, status, slug, title_vi, title_en, text_vi, text_en) ERR_##name,
#include "base/err.def"
#undef ERR
    ERR_COUNT
};

struct err_row {
    const char *name, *slug;
    int status;
    const char *title_vi, *title_en, *text_vi, *text_en;
};

// Never NULL; ERR_OK has no row and gives that of ERR_INTERNAL.
const struct err_row *err_row(enum err err);
// ERR_OK when no row has this slug.
enum err err_by_slug(const char *slug);
