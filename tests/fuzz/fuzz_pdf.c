#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "attachment/pdf.h"
#include "fuzz.h"

// Any bytes: it ends, and what was seen in a file is seen too when something else comes behind it.

static void hold(bool good)
{
    if (!good)
        abort();
}

// In memory of exactly this length, so that a look past its end is seen.
static enum pdf_verdict with(const uint8_t *data, size_t size, const char *more)
{
    size_t len = size + strlen(more);
    uint8_t *exact = malloc(len ? len : 1);
    hold(exact != NULL);
    if (size)
        memcpy(exact, data, size);
    memcpy(exact + size, more, strlen(more));
    enum pdf_verdict verdict = pdf_look(exact, len);
    free(exact);
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum pdf_verdict alone = with(data, size, "\n");
    hold(with(data, size, "\n/Encrypt ") == PDF_ENCRYPTED);
    hold(with(data, size, "\n/JavaScript ") ==
         (alone == PDF_ENCRYPTED ? PDF_ENCRYPTED : PDF_ACTIVE));
    return 0;
}
