#pragma once
#include <pango/pangofc-fontmap.h>

// The fonts that outlines are drawn with: the system's, but the house's own family, Noto Sans,
// without the instructions that fit letters to a screen. Paper needs none of them, and they are
// two fifths of what every PDF would carry. Made once, kept in memory; thread-safe.

// For pango_fc_font_map_set_config; stays the house's.
FcConfig *label_fonts(void);
