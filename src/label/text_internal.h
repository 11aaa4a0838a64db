#pragma once
#include <pango/pangocairo.h>

#include "label/text.h"

// Shared by the files that set text; nobody else's.

enum { TEXT_EM = 32, TEXT_FACES = 16, TEXT_SETTINGS = 128 };

struct text_face {
    char family[64];
    int weight;
    bool italic;
    PangoFontDescription *font;
    double ascent, descent; // in units of TEXT_EM
};

// A text as it stands in its frame. Most of what is on one label is on the next: it stays set until
// another text takes its place.
struct text_setting {
    PangoLayout *layout; // NULL: never used
    char *text;
    PangoFontDescription *font; // of its face
    double ascent, descent;     // of its face
    double wish, line;          // size of the type and distance of lines, as the template has them
    double width, height;       // of the frame; 0: a line of its own
    double size;                // of the type, as it fits
    int lines;
    bool spills; // ink leaves the frame
};

struct label_pen {
    PangoFontMap *map;
    PangoContext *context;
    struct text_face faces[TEXT_FACES];
    int count, next;
    struct text_setting settings[TEXT_SETTINGS];
};

const struct text_face *text_face_get(struct label_pen *pen, const struct label_type *type);
void text_settings_drop(struct label_pen *pen);
