#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "postal/s10.h"

// Any text: what is a number stays the same number through groups, lower case and six bytes. Any
// six bytes: they are no number, or exactly one.

static void hold(bool good)
{
    if (!good)
        abort();
}

static void try_text(const char *text)
{
    char number[S10_TEXT], again[S10_TEXT], grouped[S10_GROUPED];
    uint8_t packed[S10_PACKED];
    if (!s10_normalize(text, number)) {
        hold(!s10_valid(text));
        return;
    }
    hold(strlen(number) == S10_TEXT - 1);
    s10_group(number, grouped);
    hold(s10_normalize(grouped, again) && strcmp(number, again) == 0);
    if (!s10_valid(number))
        return;
    hold(s10_service_allowed(number));
    s10_pack(number, packed);
    hold(s10_unpack(packed, again) && strcmp(number, again) == 0);
}

static void try_bytes(const uint8_t packed[S10_PACKED])
{
    char number[S10_TEXT];
    uint8_t again[S10_PACKED];
    if (!s10_unpack(packed, number))
        return;
    hold(s10_valid(number));
    s10_pack(number, again);
    hold(memcmp(packed, again, S10_PACKED) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    hold(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    try_text(text);
    free(text);
    if (size >= S10_PACKED)
        try_bytes(data);
    return 0;
}
