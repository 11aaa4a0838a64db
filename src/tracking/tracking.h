#pragma once
#include "http/capability.h"
#include "tracking/track_key.h"

// Where is it: what anybody who has a number may see of a dossier (SQL schema dossier:
// 0011a_track.sql makes the answer, 0011c_told.sql keeps it), for people as a page and as text, for
// programs as JSON and as a stream of events.
//
// A question goes: track_http (the routes) -> track_key (one form of what was typed) -> track_limit
// (an address's allowance) -> track_look: from memory (track_cache) while track_changes knows of no
// change, else from the row the database keeps, else made anew. track_news hears what happened,
// track_watch tells it to who watches, track_teller has rows made again. The page is track_page and
// its parts.
extern const struct capability tracking_capability;
