#include <jansson.h>
#include <stdlib.h>

#include "dossier/result_seal.h"
#include "fuzz.h"

// Any text as a seal: what is read is written again as the same document, and is genuine for nobody
// who has no key of its.

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct keyring none = {0};
    struct result_seal seal;
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (json && result_seal_read(json, &seal)) {
        json_t *out = result_seal_json(&seal);
        if (!json_equal(json, out) || result_seal_judge(&seal, &none) != RESULT_UNKNOWN_KEY)
            abort();
        json_decref(out);
    }
    json_decref(json);
    return 0;
}
