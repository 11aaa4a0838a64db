#include "base/err.h"

#include <stddef.h>
#include <string.h>

static const struct err_row rows[ERR_COUNT] = {
#define ERR(name, status, slug, title_vi, title_en, text_vi, text_en) \
    [ERR_##name] = {#name, slug, status, title_vi, title_en, text_vi, text_en},
#include "base/err.def"
#undef ERR
};

const struct err_row *err_row(enum err err)
{
    return &rows[err > ERR_OK && err < ERR_COUNT ? err : ERR_INTERNAL];
}

enum err err_by_slug(const char *slug)
{
    for (int i = ERR_OK + 1; i < ERR_COUNT; i++) {
        if (strcmp(rows[i].slug, slug) == 0)
            return (enum err)i;
    }
    return ERR_OK;
}
