#pragma once
#include <jansson.h>

#include "base/buf.h"

// The pages of the second factor, for a browser without scripts (src/web/unlock.html around them).
// Both append to `out`. The form never looks whether there is such a number.

struct unlock_notice {
    enum { UNLOCK_NOTHING, UNLOCK_WRONG, UNLOCK_UNREADABLE, UNLOCK_WAIT } what;
    int seconds; // of UNLOCK_WAIT
};
void unlock_form_page(struct buf *out, const char *number, struct unlock_notice notice);
// `view`: what dossier.unlocked() gave, with its people (dossier/unlocked.h).
void unlock_page(struct buf *out, const json_t *view);
