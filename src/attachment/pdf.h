#pragma once
#include <stddef.h>

#include "base/compiler.h"

// What a PDF (ISO 32000-1) has beside pages. Its names are read wherever they stand, also with
// escapes, in superseded objects, and in what a stream packs with zlib, so that what a reader might
// take for an object was looked at. An object stream must be packed with zlib, once, and
// unpack to an object stream's beginning; packed otherwise it cannot be looked into and is refused,
// as is a file of which unpacking takes and makes more than PDF_UNPACKED_MAX bytes. No object is
// made and nothing is run. Pure; off the loop: a file of megabytes takes a while.

enum pdf_verdict {
    PDF_PLAIN,
    PDF_ENCRYPTED, // a password or a restriction
    PDF_ACTIVE,    // a script, a command, a dynamic form, a film, a file within the file
    PDF_CLOSED,    // a part that cannot be looked into
};

enum { PDF_UNPACKED_MAX = 128 << 20 };

must_check enum pdf_verdict pdf_look(const void *data, size_t len);
