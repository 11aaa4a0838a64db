#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

// What a file is, by its content alone. Only the frame is read, strictly and to the last byte: no
// picture is decoded here.

enum media { MEDIA_NONE, MEDIA_PNG, MEDIA_JPEG, MEDIA_PDF };

struct picture {
    enum media media;
    int width, height; // 0 for a PDF
};

enum { PICTURE_SIDE_MAX = 10000 };

// By the first bytes, as soon as there are eight of them.
enum media picture_guess(const void *data, size_t len);
// False: it is none of these, is cut short, has something behind its end, or its sides are none.
must_check bool picture_read(const void *data, size_t len, struct picture *out);

// "image/png", "image/jpeg", "application/pdf"; and "png", "jpg", "pdf".
const char *media_type(enum media media);
const char *media_suffix(enum media media);
enum media media_of_type(const char *type);
