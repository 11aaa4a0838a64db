#pragma once
#include <stddef.h>

// Files compiled into the program by src/embed.py: "web/…", "labels/…", "migrations/…", "conf/…".

struct asset {
    const char *name;
    const char *data; // NUL-terminated behind size
    size_t size;
};

// In order of name, ended by a row without a name.
extern const struct asset assets[];
const struct asset *asset_find(const char *name);
