#include "custody/canon.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

static const int64_t epoch_2000 = 946684800LL * 1000000;

const char *const canon_names[CANON_TEXTS] = {
    "unit",        "subject",     "kind",        "outcome",   "warnings",  "state",
    "holder_kind", "holder_id",   "target_kind", "target_id", "container", "refers",
    "reason",      "next_action", "data",        "digest",    "mac"};

static void add_int8(struct buf *out, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);
    buf_add(out, &wire, sizeof wire);
}

void canon_bytes(const struct canon_event *e, struct buf *out)
{
    buf_reset(out);
    buf_byte(out, 2);
    buf_add(out, e->id, sizeof e->id);
    add_int8(out, e->at - epoch_2000);
    add_int8(out, e->received_at - epoch_2000);
    add_int8(out, e->device_at - epoch_2000);
    add_int8(out, e->device);
    add_int8(out, e->device_seq);
    add_int8(out, e->actor);
    for (int i = 0; i < CANON_TEXTS; i++) {
        if (e->texts[i].data)
            buf_printf(out, "%zu", e->texts[i].len);
        buf_byte(out, ':');
        if (e->texts[i].data)
            buf_add(out, e->texts[i].data, e->texts[i].len);
    }
}

struct merkle_hash canon_hash(struct merkle_hash prev, struct merkle_hash joined,
                              const struct canon_event *event, struct buf *scratch)
{
    struct merkle_hash out;
    crypto_hash_sha256_state state;
    canon_bytes(event, scratch);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, prev.bytes, sizeof prev.bytes);
    if (event->texts[CANON_CONTAINER].data)
        crypto_hash_sha256_update(&state, joined.bytes, sizeof joined.bytes);
    crypto_hash_sha256_update(&state, (const uint8_t *)scratch->data, scratch->len);
    crypto_hash_sha256_final(&state, out.bytes);
    return out;
}

struct merkle_hash canon_leaf(uint64_t position, const char *subject, size_t subject_len,
                              const uint8_t id[16], struct merkle_hash hash)
{
    struct merkle_hash out;
    crypto_hash_sha256_state state;
    uint64_t wire = htobe64(position);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t[]){0, 1}, 2);
    crypto_hash_sha256_update(&state, (const uint8_t *)&wire, sizeof wire);
    crypto_hash_sha256_update(&state, id, 16);
    crypto_hash_sha256_update(&state, hash.bytes, sizeof hash.bytes);
    crypto_hash_sha256_update(&state, (const uint8_t *)subject, subject_len);
    crypto_hash_sha256_final(&state, out.bytes);
    return out;
}

// --- from JSON -----------------------------------------------------------------------------------

static bool read_time(const json_t *fields, const char *name, int64_t *out)
{
    const char *text = json_text(fields, name);
    return text && clock_parse(text, out);
}

static bool read_int(const json_t *fields, const char *name, int64_t *out)
{
    const json_t *value = json_object_get(fields, name);
    *out = json_integer_value(value);
    return json_is_integer(value);
}

// A member that is absent or null is none; anything but a text is not what we wrote.
static bool read_text(const json_t *fields, const char *name, struct canon_text *out)
{
    const json_t *value = json_object_get(fields, name);
    *out = (struct canon_text){json_string_value(value), json_string_length(value)};
    return !value || json_is_null(value) || json_is_string(value);
}

bool canon_read(const json_t *fields, struct canon_event *out)
{
    const char *id = json_text(fields, "id");
    *out = (struct canon_event){0};
    bool good = id && uuid_parse(id, out->id) && read_time(fields, "at", &out->at) &&
                read_time(fields, "received_at", &out->received_at) &&
                read_time(fields, "device_at", &out->device_at) &&
                read_int(fields, "device", &out->device) &&
                read_int(fields, "device_seq", &out->device_seq) &&
                read_int(fields, "actor", &out->actor);
    for (int i = 0; i < CANON_TEXTS && good; i++)
        good = read_text(fields, canon_names[i], &out->texts[i]);
    return good && out->texts[CANON_SUBJECT].data;
}

bool canon_hash_read(const char *hex, struct merkle_hash *out)
{
    size_t len;
    return hex && strlen(hex) == HASH_TEXT - 1 &&
           sodium_hex2bin(out->bytes, sizeof out->bytes, hex, strlen(hex), NULL, &len, NULL) == 0 &&
           len == sizeof out->bytes;
}

void canon_hash_write(struct merkle_hash hash, char out[HASH_TEXT])
{
    sodium_bin2hex(out, HASH_TEXT, hash.bytes, sizeof hash.bytes);
}
