#pragma once
#include <jansson.h>

#include "base/buf.h"

// The map of a dossier's journey: an inline SVG of the places in its timeline, where it is now
// (`place`) and where it goes (`to`), with the way travelled as solid lines, the way still to go
// dashed, and below it the places by number, which is the map in words. Positions are `at`:
// [longitude, latitude] of an office, never of a person; a place without one is left out, and with
// fewer than two places that stand apart there is no map. There is no outline of the country, whose
// borders a drawing this small cannot do justice: squares of so many kilometres give the scale, and
// north is up. Where the journey crosses provinces, a mark bears the name of its own, if there is
// room.
//
// The drawing is 320 units wide, a unit a pixel on the narrowest phone. Colours are classes of
// src/web/track.css. Places whose numbers would touch share one mark. Pure; thread-safe.

void track_map(struct buf *out, const json_t *view);
