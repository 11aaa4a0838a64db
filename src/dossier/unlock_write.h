#pragma once
#include "base/buf.h"

// How the two pages of the second factor write: what unlock_form.c and unlock_page.c share.

// One text in both languages, as it stands (escaped when it is written); en NULL: in one.
struct unlock_two {
    const char *vi, *en;
};
void unlock_both(struct buf *out, struct unlock_two text);
void unlock_back_link(struct buf *out, const char *number);
// The page (src/web/unlock.html) around what content(out, arg) writes.
void unlock_around(struct buf *out, void (*content)(struct buf *out, const void *arg),
                   const void *arg);
