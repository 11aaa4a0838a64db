#pragma once
#include <jansson.h>

#include "base/buf.h"

// The tracking answer for people: a page that needs no script (src/web/track.html around it) and
// plain text. Both append to `out`, and depend on the view and the configuration alone, so that
// their bytes can be kept: never on who asks, when, or how the number was typed.
//
// `view` is what dossier.public_view makes. Beside what it always has, the page shows
//   expected  null or {leg, by_50, by_90: YYYY-MM-DD}: between which days a leg should arrive
//   days      {agency, post, waiting}: whole days on each clock
//   at        of a place, [longitude, latitude]: puts it on the map (track_map.h)
//   to        the place it goes to next, on the map too.
// `view` NULL: nobody knows the number; unknown, foreign and mistyped ones look alike. `number` is
// then what was asked for; NULL: nothing yet.
void track_page(struct buf *out, const json_t *view, const char *number);
void track_text(struct buf *out, const json_t *view, const char *number);
