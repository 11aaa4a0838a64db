#pragma once
#include <jansson.h>

#include "base/buf.h"

// The tracking answer for people: a page that needs no script (src/web/track.html around it) and
// plain text. Both append to `out`. `view` NULL: nobody knows the number; unknown, foreign and
// mistyped ones look alike. `number` is what was asked for; NULL: nothing yet.
void track_page(struct buf *out, const json_t *view, const char *number);
void track_text(struct buf *out, const json_t *view, const char *number);
