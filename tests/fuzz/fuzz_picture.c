#include <stdlib.h>
#include <string.h>

#include "attachment/picture.h"
#include "fuzz.h"

// Any bytes: a picture has sides within bounds, its kind is what its first bytes say, and neither a
// byte less nor one more is a picture too.

static void hold(bool good)
{
    if (!good)
        abort();
}

// In memory of exactly this length, so that a look past its end is seen.
static bool reads(const uint8_t *data, size_t len, struct picture *out)
{
    uint8_t *exact = malloc(len ? len : 1);
    hold(exact != NULL);
    if (len)
        memcpy(exact, data, len);
    bool good = picture_read(exact, len, out);
    hold(!good || out->media == picture_guess(exact, len));
    free(exact);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct picture picture, other;
    if (!reads(data, size, &picture) || picture.media == MEDIA_PDF)
        return 0;
    hold(picture.width >= 1 && picture.width <= PICTURE_SIDE_MAX);
    hold(picture.height >= 1 && picture.height <= PICTURE_SIDE_MAX);
    hold(!reads(data, size - 1, &other));
    uint8_t *longer = calloc(1, size + 1);
    hold(longer != NULL);
    memcpy(longer, data, size);
    hold(!reads(longer, size + 1, &other));
    free(longer);
    return 0;
}
