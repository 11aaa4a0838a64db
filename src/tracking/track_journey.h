#pragma once
#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"

// Where a dossier was, is and goes, as the map draws it: the stops of its journey out of a view,
// and their marks on a drawing of so many units. Every number here is bounded by the enums,
// whatever the view holds. Its texts are the view's own. Pure; thread-safe.

enum { TRACK_STOPS = 12, TRACK_VISITS = 64, TRACK_WIDTH = 320 };

enum track_standing { TRACK_PAST, TRACK_HERE, TRACK_NEXT };

struct track_stop {
    const json_t *place;
    double x, y; // longitude and latitude, then units of the drawing
    int mark;    // the stop whose mark it shares; its own place in the list when it shares none
    enum track_standing standing;
};

struct track_journey {
    struct track_stop stops[TRACK_STOPS]; // in the order they were first reached
    int count;
    int visits[TRACK_VISITS]; // stops in order of time, no two alike in a row
    int visited;
    int to; // the stop it goes to; -1: nobody knows
    bool moving;
    double km;  // units a kilometre
    int height; // units
};

struct track_box {
    double left, top, right, bottom;
};

// False when fewer than two stops stand apart: then there is nothing to draw.
must_check bool track_journey_read(struct track_journey *journey, const json_t *view);
struct track_box track_mark_box(const struct track_journey *journey, int mark);
// The same member of two places.
must_check bool track_same(const json_t *a, const json_t *b, const char *name);
