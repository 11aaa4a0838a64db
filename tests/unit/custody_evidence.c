#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/buf.h"
#include "base/seal.h"
#include "custody/bundle.h"
#include "custody/canon.h"
#include "custody/tiles.h"

// The canonical form, checkpoints, the tree in tiles, and evidence bundles, of which no letter may
// change unnoticed.

static const char fields_text[] =
    "{\"id\":\"0190a0b0-c0d0-7000-8000-00000000000%d\",\"at\":\"2026-11-23T09:15:00.123456+07:00\","
    "\"received_at\":\"2026-11-23T09:15:01+07:00\",\"device_at\":\"2026-11-23T09:15:00.1+07:00\","
    "\"device\":3,\"device_seq\":4,\"actor\":5,\"unit\":\"11\",\"subject\":\"%s\",\"kind\":"
    "\"accept\",\"outcome\":\"recorded\",\"warnings\":\"{stray}\",\"state\":\"accepted\","
    "\"holder_kind\":\"place\",\"holder_id\":\"11\",\"target_kind\":\"unit\",\"target_id\":\"12\","
    "\"container\":\"VN\",\"refers\":\"0190a0b0-c0d0-7000-8000-000000000009\",\"reason\":\"vì 12 "
    "ạ\","
    "\"next_action\":\"hold\",\"data\":\"{\\\"a\\\": 1}\",\"digest\":\"00ff\",\"mac\":\"0a\"}";

static json_t *fields_of(int number, const char *subject)
{
    char text[2000];
    snprintf(text, sizeof text, fields_text, number, subject);
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    return json;
}

static void test_canonical_bytes(void **state)
{
    // What PostgreSQL's custody.event_bytes gives for the same event, by its SHA-256.
    static const char head[] = "\x02\x01\x90\xa0\xb0\xc0\xd0\x70\x00\x80\x00";
    static const char tail[] = "2:1112:RR46100001VN6:accept8:recorded7:{stray}8:accepted5:place"
                               "2:114:unit2:122:VN36:0190a0b0-c0d0-7000-8000-00000000000910:vì 12 ạ"
                               "4:hold8:{\"a\": 1}4:00ff2:0a";
    struct canon_event event;
    struct buf bytes = {0};
    json_t *fields = fields_of(1, "RR46100001VN");
    assert_true(canon_read(fields, &event));
    canon_bytes(&event, &bytes);
    assert_int_equal(bytes.len, 1 + 16 + 6 * 8 + sizeof tail - 1);
    assert_memory_equal(bytes.data, head, sizeof head - 1);
    assert_memory_equal(bytes.data + 65, tail, sizeof tail - 1);
    // 2026-11-23T02:15:00.123456Z in microseconds since 2000
    assert_memory_equal(bytes.data + 17, "\x00\x03\x03\xe6\xed\xfa\xb3\x40", 8);
    buf_finish(&bytes);
    json_decref(fields);
}

// None and empty, and what stands in which of two neighbours, are told apart.
static void test_canonical_is_unambiguous(void **state)
{
    struct canon_event event = {0};
    struct buf a = {0}, b = {0};
    canon_bytes(&event, &a);
    event.texts[0] = (struct canon_text){"", 0};
    canon_bytes(&event, &b);
    assert_int_not_equal(a.len, b.len);
    event.texts[3] = (struct canon_text){"1:", 2};
    canon_bytes(&event, &a);
    event.texts[3] = (struct canon_text){"", 0};
    event.texts[4] = (struct canon_text){":", 1};
    canon_bytes(&event, &b);
    assert_true(a.len != b.len || memcmp(a.data, b.data, a.len) != 0);
    buf_finish(&a);
    buf_finish(&b);
}

static struct sign_key key_of(uint8_t first)
{
    struct keyring ring = {0};
    uint8_t seed[SIGN_KEY_SEED] = {first};
    assert_true(keyring_add(&ring, seed, 0));
    return ring.list[0];
}

static struct checkpoint checkpoint_for(uint64_t size, struct merkle_hash root)
{
    struct sign_key key = key_of(1);
    struct checkpoint c = {.origin = "7d379f16-8421-4988-a604-712f554d0ce6",
                           .size = size,
                           .root = root,
                           .at = 1795400000123456};
    checkpoint_sign(&c, &key);
    return c;
}

static void test_checkpoint_line_and_json(void **state)
{
    char line[CHECKPOINT_LINE];
    struct checkpoint c = checkpoint_for(12, merkle_leaf("x", 1)), read;
    assert_true(checkpoint_check(&c));
    checkpoint_line(&c, line);
    assert_true(checkpoint_parse(line, &read));
    assert_memory_equal(&read, &c, sizeof c);
    snprintf(line + strlen(line), 3, " 0"); // half of another line
    assert_false(checkpoint_parse(line, &read));
    json_t *json = checkpoint_json(&c);
    assert_true(checkpoint_read(json, &read));
    assert_true(checkpoint_check(&read));
    json_object_set_new(json, "size", json_integer(13));
    assert_true(checkpoint_read(json, &read));
    assert_false(checkpoint_check(&read));
    json_decref(json);
    assert_false(checkpoint_parse("", &read));
    assert_false(checkpoint_parse("{}", &read));
    assert_false(checkpoint_parse("a 1 b c d e", &read));
}

// --- tiles ---------------------------------------------------------------------------------------

enum { LEAVES = 70000 };
static struct merkle_hash leaves[LEAVES], blocks[300], wide[2];

static void keep(void *arg, int level, uint64_t index, struct merkle_hash hash)
{
    (level == 8 ? blocks : wide)[index] = hash;
}

static void fill_all(struct tiles *tiles, uint64_t size)
{
    for (int i = 0; i < tiles->count; i++) {
        const struct tile *tile = &tiles->list[i];
        const struct merkle_hash *from = tile->level == 0   ? leaves
                                         : tile->level == 8 ? blocks
                                                            : wide;
        uint64_t first = tile->index * TILE_WIDTH, all = size >> tile->level;
        uint64_t count = all - first < TILE_WIDTH ? all - first : TILE_WIDTH;
        assert_true(tile_fill(tiles, i, from + first, count * MERKLE_HASH));
    }
}

static void test_tiles_prove_what_they_hold(void **state)
{
    static const uint64_t indexes[] = {0, 1, 255, 256, 65535, 65536, 69999};
    struct log_tree tree = {0};
    struct merkle_edge edge = {0};
    for (int i = 0; i < LEAVES; i++) {
        leaves[i] = merkle_leaf(&i, sizeof i);
        log_tree_append(&tree, leaves[i], keep, NULL);
        merkle_append(&edge, leaves[i]);
    }
    assert_int_equal(log_tree_size(&tree), LEAVES);
    assert_true(merkle_equal(log_tree_root(&tree), merkle_root(&edge)));
    for (size_t i = 0; i < countof(indexes); i++) {
        struct arena arena;
        struct merkle_proof proof;
        arena_init(&arena);
        struct tiles tiles = {.arena = &arena};
        assert_true(merkle_prove_inclusion(tiles_source, &tiles, indexes[i], LEAVES, &proof));
        assert_in_range(tiles.count, 1, 6);
        fill_all(&tiles, LEAVES);
        assert_true(merkle_prove_inclusion(tiles_source, &tiles, indexes[i], LEAVES, &proof));
        assert_true(merkle_check_inclusion(leaves[indexes[i]], indexes[i], LEAVES, &proof,
                                           merkle_root(&edge)));
        arena_finish(&arena);
    }
}

// --- bundles -------------------------------------------------------------------------------------

enum { EVENTS = 3, PAYLOAD = 1 };

static void put_hash(json_t *json, const char *name, struct merkle_hash hash)
{
    char hex[HASH_TEXT];
    canon_hash_write(hash, hex);
    json_object_set_new(json, name, json_string(hex));
}

// What was sealed beside an event, opened, and its mac in the event.
static void put_payload(json_t *json, json_t *fields)
{
    static const char text[] = "{\"place\":\"46-B1\"}";
    struct arena arena;
    struct sealed sealed;
    struct merkle_hash salt, mac;
    json_t *payload = json_pack("{s:s}", "text", text);
    arena_init(&arena);
    seal_close(&arena, text, strlen(text), &sealed);
    memcpy(salt.bytes, sealed.salt, sizeof salt.bytes);
    memcpy(mac.bytes, sealed.mac, sizeof mac.bytes);
    put_hash(payload, "salt", salt);
    put_hash(fields, "mac", mac);
    json_object_set_new(json, "payload", payload);
    arena_finish(&arena);
}

static json_t *event_of(int number, const char *subject, struct merkle_hash *prev)
{
    struct canon_event event;
    struct buf scratch = {0};
    json_t *json = json_object(), *fields = fields_of(number, subject);
    if (number == PAYLOAD)
        put_payload(json, fields);
    assert_true(canon_read(fields, &event));
    struct merkle_hash joined = merkle_leaf("bag", 3);
    put_hash(json, "prev", *prev);
    put_hash(json, "joined", joined);
    *prev = canon_hash(*prev, joined, &event, &scratch);
    put_hash(json, "hash", *prev);
    leaves[number] = canon_leaf((uint64_t)number + 1, subject, strlen(subject), event.id, *prev);
    json_object_set_new(json, "position", json_integer(number + 1));
    json_object_set_new(json, "fields", fields);
    buf_finish(&scratch);
    return json;
}

static bool leaf_source(void *arg, int level, uint64_t index, struct merkle_hash *out)
{
    *out = level == 0 ? leaves[index] : merkle_node(leaves[0], leaves[1]);
    return true;
}

// Three events of one subject, whole.
static json_t *bundle_make(void)
{
    struct merkle_hash prev = {0};
    struct merkle_edge edge = {0};
    json_t *events = json_array();
    for (int i = 0; i < EVENTS; i++) {
        json_array_append_new(events, event_of(i, "RR46100001VN", &prev));
        merkle_append(&edge, leaves[i]);
    }
    for (int i = 0; i < EVENTS; i++) {
        struct merkle_proof proof;
        json_t *list = json_array();
        assert_true(merkle_prove_inclusion(leaf_source, NULL, (uint64_t)i, EVENTS, &proof));
        for (int k = 0; k < proof.count; k++) {
            char hex[HASH_TEXT];
            canon_hash_write(proof.list[k], hex);
            json_array_append_new(list, json_string(hex));
        }
        json_object_set_new(json_array_get(events, (size_t)i), "proof", list);
    }
    struct checkpoint c = checkpoint_for(EVENTS, merkle_root(&edge));
    return json_pack("{s:s, s:o, s:[{s:s, s:b, s:o}]}", "format", "dossierpost evidence 1",
                     "checkpoint", checkpoint_json(&c), "subjects", "subject", "RR46100001VN",
                     "whole", 1, "events", events);
}

static struct findings *found_in(const json_t *bundle)
{
    static struct findings f;
    struct sign_key key = key_of(1);
    struct trust trust = {0};
    f = (struct findings){0};
    trust_add(&trust, key.open);
    bundle_verify(bundle, NULL, &trust, &f);
    return &f;
}

static void test_bundle_verifies(void **state)
{
    json_t *bundle = bundle_make();
    struct findings *f = found_in(bundle);
    assert_int_equal(f->bad, 0);
    assert_int_equal(f->verified, EVENTS);
    assert_int_equal(f->payloads, 1);
    json_decref(bundle);
}

// Another value of the same type.
static json_t *other(const json_t *value)
{
    if (json_is_integer(value))
        return json_integer(json_integer_value(value) + 1);
    char *text = strdup(json_string_value(value));
    size_t at = strlen(text) / 2;
    text[at] = text[at] == '1' ? '2' : '1';
    json_t *changed = json_string(text);
    free(text);
    return changed;
}

static void changed_is_found(json_t *bundle, json_t *object, const char *name)
{
    json_t *kept = json_incref(json_object_get(object, name));
    json_object_set_new(object, name, other(kept));
    if (found_in(bundle)->bad == 0)
        fail_msg("a change of %s was not found", name);
    json_object_del(object, name);
    if (found_in(bundle)->bad == 0)
        fail_msg("taking out %s was not found", name);
    json_object_set_new(object, name, kept);
}

static void test_every_change_is_found(void **state)
{
    static const char *const fixed[] = {"id",     "at",         "received_at", "device_at",
                                        "device", "device_seq", "actor"};
    static const char *const head[] = {"origin", "size", "root", "at", "key", "signature"};
    static const char *const chained[] = {"position", "prev", "joined", "hash"};
    json_t *bundle = bundle_make();
    json_t *subject = json_array_get(json_object_get(bundle, "subjects"), 0);
    json_t *event = json_array_get(json_object_get(subject, "events"), 1);
    json_t *fields = json_object_get(event, "fields");
    for (size_t i = 0; i < countof(fixed); i++)
        changed_is_found(bundle, fields, fixed[i]);
    for (int i = 0; i < CANON_TEXTS; i++)
        changed_is_found(bundle, fields, canon_names[i]);
    for (size_t i = 0; i < countof(head); i++)
        changed_is_found(bundle, json_object_get(bundle, "checkpoint"), head[i]);
    for (size_t i = 0; i < countof(chained); i++)
        changed_is_found(bundle, event, chained[i]);
    changed_is_found(bundle, subject, "subject");
    assert_int_equal(found_in(bundle)->bad, 0);
    json_decref(bundle);
}

static void wrong_payload(json_t *bundle, json_t *event, json_t *payload)
{
    json_t *kept = json_incref(json_object_get(event, "payload"));
    json_object_set_new(event, "payload", payload);
    struct findings *f = found_in(bundle);
    assert_int_equal(f->bad, 1);
    assert_int_equal(f->list[0].what, FOUND_PAYLOAD_WRONG);
    if (kept)
        json_object_set_new(event, "payload", kept);
    else
        json_object_del(event, "payload");
}

// Not a letter of a payload may differ; that it was erased, or is not told, is no fault.
static void test_payloads(void **state)
{
    json_t *bundle = bundle_make();
    json_t *events =
        json_object_get(json_array_get(json_object_get(bundle, "subjects"), 0), "events");
    json_t *event = json_array_get(events, PAYLOAD), *payload = json_object_get(event, "payload");
    json_t *text = json_object_get(payload, "text"), *salt = json_object_get(payload, "salt");
    wrong_payload(bundle, event, json_pack("{s:o, s:O}", "text", other(text), "salt", salt));
    wrong_payload(bundle, event, json_pack("{s:O, s:o}", "text", text, "salt", other(salt)));
    wrong_payload(bundle, event, json_pack("{s:O}", "text", text));
    wrong_payload(bundle, event, json_true());
    wrong_payload(
        bundle, event,
        json_pack("{s:s%, s:O}", "text", "{\"place\":\"46-B1\"}\0.", (size_t)19, "salt", salt));
    wrong_payload(bundle, json_array_get(events, 2), json_incref(payload));
    json_object_set_new(event, "payload", json_pack("{s:b}", "erased", 1));
    assert_int_equal(found_in(bundle)->erased, 1);
    json_object_set_new(event, "payload", json_pack("{s:b}", "unopened", 1));
    assert_int_equal(found_in(bundle)->unopened, 1);
    json_object_del(event, "payload");
    assert_int_equal(found_in(bundle)->bad, 0);
    json_decref(bundle);
}

static void test_order_and_omission_are_found(void **state)
{
    json_t *bundle = bundle_make();
    json_t *events =
        json_object_get(json_array_get(json_object_get(bundle, "subjects"), 0), "events");
    json_t *middle = json_incref(json_array_get(events, 1));
    json_array_remove(events, 1);
    assert_int_equal(found_in(bundle)->list[0].what, FOUND_CHAIN_BROKEN);
    json_array_append_new(events, middle);
    assert_int_not_equal(found_in(bundle)->bad, 0);
    json_array_remove(json_object_get(middle, "proof"), 0);
    assert_int_not_equal(found_in(bundle)->bad, 0);
    json_decref(bundle);
}

static void test_other_keys_and_checkpoints(void **state)
{
    static struct findings f;
    struct sign_key foreign = key_of(2);
    struct trust trust = {0};
    struct checkpoint c = checkpoint_for(EVENTS, merkle_leaf("", 0));
    json_t *bundle = bundle_make();
    trust_add(&trust, foreign.open);
    bundle_verify(bundle, NULL, &trust, &f);
    assert_int_equal(f.list[0].what, FOUND_KEY_UNKNOWN);
    assert_int_equal(f.verified, 0);
    f = (struct findings){0};
    trust = (struct trust){0};
    bundle_verify(bundle, &c, &trust, &f);
    assert_int_equal(f.list[0].what, FOUND_ROOT_DIFFERS);
    assert_int_equal(f.verified, 0);
    f = (struct findings){0};
    bundle_verify(json_null(), NULL, &trust, &f);
    assert_int_equal(f.list[0].what, FOUND_MALFORMED);
    json_decref(bundle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical_bytes),
        cmocka_unit_test(test_canonical_is_unambiguous),
        cmocka_unit_test(test_checkpoint_line_and_json),
        cmocka_unit_test(test_tiles_prove_what_they_hold),
        cmocka_unit_test(test_bundle_verifies),
        cmocka_unit_test(test_every_change_is_found),
        cmocka_unit_test(test_payloads),
        cmocka_unit_test(test_order_and_omission_are_found),
        cmocka_unit_test(test_other_keys_and_checkpoints),
    };
    return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
