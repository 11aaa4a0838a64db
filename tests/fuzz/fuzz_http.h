#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

// What a parser saw in a row of requests, as text that can be compared.

enum { SEEN_MAX = 16 };

struct seen {
    int heads;                     // whose end was seen
    int whole;                     // whose body was seen as well
    bool stopped;                  // it will not read on, without blame
    struct buf head[SEEN_MAX + 1]; // method, target, fields
    struct buf body[SEEN_MAX + 1];
};

// Debian's libhttp-parser, in a file of its own because both sides name their methods alike.
void peer_read(struct seen *seen, const char *data, size_t len);
