#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "http/route.h"

// Files compiled into the program by src/embed.py: "web/…", "labels/…", "migrations/…", "conf/…".

struct asset {
    const char *name;
    const char *data; // NUL-terminated behind size
    size_t size;
};

// In order of name, ended by a row without a name.
extern const struct asset assets[];
const struct asset *asset_find(const char *name);
// Serves /assets/<name under web/>; the pages' routes are rows of the capabilities.
extern const struct route assets_routes[];
struct request;
// Sends an embedded file; ERR_NOT_FOUND when there is none.
void reply_asset(struct request *req, const char *name);
