#include <sodium.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/seal.h"
#include "custody/custody.h"

static const uint8_t *bytes_of(struct arena *arena, const json_t *payload, const char *name,
                               size_t *len)
{
    const char *hex = json_text(payload, name);
    size_t size = hex ? strlen(hex) : 0;
    uint8_t *bytes = arena_alloc(arena, size / 2 + 1);
    *len = 0;
    return hex && sodium_hex2bin(bytes, size / 2, hex, size, NULL, len, NULL) == 0 ? bytes : NULL;
}

json_t *custody_payload_open(struct arena *arena, const json_t *payload)
{
    size_t sealed_len, key_len, len;
    if (json_bool(payload, "erased"))
        return json_pack("{s:b}", "erased", true);
    const uint8_t *sealed = bytes_of(arena, payload, "sealed", &sealed_len);
    const uint8_t *key = bytes_of(arena, payload, "key", &key_len);
    const char *text = seal_open(arena, sealed, sealed_len, key, key_len, &len);
    if (text)
        return json_pack("{s:s%, s:s}", "text", text, len, "salt", json_text(payload, "salt"));
    log_error("custody", NULL, "a personal payload cannot be opened");
    return json_pack("{s:b}", "unopened", true);
}
