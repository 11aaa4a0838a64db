#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assets.h"
#include "base/clock.h"
#include "base/json.h"
#include "label/code.h"
#include "label/keys.h"

// The published vector: seed 00 01 … 1f, day 20780 (23/11/2026), office 12, copy 1.
static const char vector[] = "AFLEOHB2JYZYAJYAAAGFCLABACAG2HN6NRG7XY5DBCU5AQQIOZOOIN6B3YSJ2HA5"
                             "PZIKMRQITT276QHX6K4W7CWX4HVOJOMVZ7G7ZMICLOG3DXKDGWXHTYOJ4WJ3HYQF";

static void seed_of(uint8_t first, uint8_t out[SIGN_KEY_SEED])
{
    for (int i = 0; i < SIGN_KEY_SEED; i++)
        out[i] = (uint8_t)(first + i);
}

static struct keyring ring_of(uint8_t first)
{
    struct keyring keys = {0};
    uint8_t seed[SIGN_KEY_SEED];
    seed_of(first, seed);
    assert_true(keyring_add(&keys, seed, 1700000000000000));
    return keys;
}

static struct label_code sample(void)
{
    return (struct label_code){.number = "RR123456785VN", .office = 12, .day = 20780, .copy = 1};
}

static void test_vector(void **state)
{
    struct keyring keys = ring_of(0);
    struct label_code code = sample(), read;
    char text[LABEL_CODE_CHARS + 1];
    (void)state;
    assert_true(label_code_make(&keys, &code, text));
    assert_string_equal(text, vector);
    assert_int_equal(label_code_check(&keys, text, &read), ERR_OK);
    assert_string_equal(read.number, "RR123456785VN");
    assert_int_equal(read.office, 12);
    assert_int_equal(read.day, 20780);
    assert_int_equal(read.copy, 1);
    assert_int_equal(read.flags, 0);
    assert_int_equal(read.key, keys.list[0].id);
}

static void test_forms_of_a_code(void **state)
{
    static const char *const forms[] = {
        "%s",   "%s\n", "%s\r\n", "HTTP://127.0.0.1:8080/S/%s", "https://hoso.example.vn/s/%s",
        "/s/%s"};
    static const char *const others[] = {"",
                                         "\n",
                                         "RR123456785VN",
                                         "%s2",
                                         "X%s",
                                         "HTTP://127.0.0.1:8080/T/%s",
                                         "HTTP://127.0.0.1:8080/S%s",
                                         "HTTP://127.0.0.1:8080/S/A%s"};
    struct keyring keys = ring_of(0);
    struct label_code read;
    char text[300];
    (void)state;
    for (size_t i = 0; i < countof(forms); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, forms[i], vector);
        assert_int_equal(label_code_check(&keys, text, &read), ERR_OK);
        for (char *at = text; *at; at++)
            *at = (char)tolower((unsigned char)*at);
        assert_int_equal(label_code_check(&keys, text, &read), ERR_OK);
    }
    for (size_t i = 0; i < countof(others); i++) {
        snprintf(text, sizeof text, others[i], vector);
#pragma GCC diagnostic pop
        assert_int_equal(label_code_check(&keys, text, &read), ERR_BAD_CODE);
    }
}

// No single character can be changed, and no other ring takes it.
static void test_altered(void **state)
{
    struct keyring keys = ring_of(0), others = ring_of(7);
    struct label_code read;
    char text[LABEL_CODE_CHARS + 1];
    (void)state;
    for (int i = 0; i < LABEL_CODE_CHARS; i++) {
        snprintf(text, sizeof text, "%s", vector);
        text[i] = text[i] == 'Q' ? 'R' : 'Q';
        assert_int_not_equal(label_code_check(&keys, text, &read), ERR_OK);
        text[i] = '1'; // not in the alphabet
        assert_int_equal(label_code_check(&keys, text, &read), ERR_BAD_CODE);
    }
    assert_int_equal(label_code_check(&others, vector, &read), ERR_BAD_SIGNATURE);
}

static void test_what_cannot_be_signed(void **state)
{
    struct keyring keys = ring_of(0), none = {0};
    struct label_code code = sample();
    char text[LABEL_CODE_CHARS + 1];
    (void)state;
    assert_false(label_code_make(&none, &code, text));
    code.office = 1 << 24;
    assert_false(label_code_make(&keys, &code, text));
    code = sample();
    code.number[10] = '6';
    assert_false(label_code_make(&keys, &code, text));
}

static void test_newest_key_signs_and_older_still_verify(void **state)
{
    struct keyring keys = ring_of(0);
    struct label_code code = sample(), read;
    uint8_t seed[SIGN_KEY_SEED];
    char text[LABEL_CODE_CHARS + 1];
    (void)state;
    seed_of(0, seed);
    assert_false(keyring_add(&keys, seed, 0)); // there already
    seed_of(9, seed);
    assert_true(keyring_add(&keys, seed, 1710000000000000));
    assert_true(label_code_make(&keys, &code, text));
    assert_int_equal(code.key, keys.list[1].id);
    assert_int_equal(label_code_check(&keys, text, &read), ERR_OK);
    assert_int_equal(label_code_check(&keys, vector, &read), ERR_OK);
}

static void test_links(void **state)
{
    static const struct {
        const char *url, *code;
    } rows[] = {
        {"http://127.0.0.1:8080", "HTTP://127.0.0.1:8080/S/"},
        {"https://hoso.example.vn/", "HTTPS://HOSO.EXAMPLE.VN/S/"},
        {"http://[::1]:8080", ""},       // not in QR's alphanumeric set
        {"https://a_b.example", ""},     //
        {"https://example.vn/hoso", ""}, // our paths are at the top
        {"https://example.vn?x", ""},    //
        {"example.vn", ""},              //
        {"", ""},
        {"https://a-name-so-long-that-nobody-would-ever-type-it-into-a-browser.example.vn", ""},
    };
    struct label_links links;
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        label_links_make(&links, rows[i].url);
        assert_string_equal(links.code, rows[i].code);
    }
    label_links_make(&links, rows[0].url);
    assert_string_equal(links.track, "HTTP://127.0.0.1:8080/T/");
}

static void test_day(void **state)
{
    (void)state;
    assert_int_equal(label_day(0), 0);
    assert_int_equal(label_day((int64_t)17 * 3600 * 1000000), 1); // midnight in Vietnam
    assert_int_equal(label_day((int64_t)17 * 3600 * 1000000 - 1), 0);
}

// --- published vectors ---------------------------------------------------------------------------

static json_t *vectors(void)
{
    const struct asset *asset = asset_find("labels/codes.json");
    assert_non_null(asset);
    json_t *document = json_loadb(asset->data, asset->size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    return document;
}

static void assert_said(const json_t *row, enum label_verdict verdict,
                        const struct label_code *code)
{
    char day[LABEL_DAY_TEXT], key[5];
    assert_string_equal(label_verdict_name(verdict), json_text(row, "verdict"));
    snprintf(key, sizeof key, "%04x", code->key);
    if (json_text(row, "key"))
        assert_string_equal(key, json_text(row, "key"));
    if (!json_text(row, "number"))
        return;
    label_day_format(code->day, day);
    assert_string_equal(code->number, json_text(row, "number"));
    assert_string_equal(day, json_text(row, "printed_on"));
    assert_int_equal(code->office, json_int(row, "office", -1));
    assert_int_equal(code->copy, json_int(row, "copy", -1));
    assert_int_equal(code->flags, json_int(row, "flags", -1));
}

static void test_published_vectors(void **state)
{
    struct keyring keys;
    struct label_code code;
    const char *why;
    size_t i, seen = 0;
    json_t *document = vectors(), *row;
    (void)state;
    assert_true(label_keys_read(document, "label", &keys, &why));
    assert_int_equal(keys.count, 4);
    json_array_foreach(json_object_get(document, "codes"), i, row)
    {
        enum label_verdict verdict = label_code_judge(&keys, json_text(row, "text"), &code);
        assert_said(row, verdict, &code);
        seen |= (size_t)1 << verdict;
    }
    assert_int_equal(seen, (1 << LABEL_VERDICT_COUNT) - 1); // every verdict
    json_decref(document);
}

// What README.md says of the keys, and that we sign as the vectors are signed.
static void test_vectors_are_signed_so(void **state)
{
    static const uint8_t first[] = {0, 64, 32, 128}; // of each seed, in the order of the keys
    struct keyring all;
    struct label_code code;
    const char *why;
    char text[LABEL_CODE_CHARS + 1];
    size_t i;
    json_t *document = vectors(), *row;
    (void)state;
    assert_true(label_keys_read(document, "label", &all, &why));
    json_array_foreach(json_object_get(document, "codes"), i, row)
    {
        const char *wanted = json_text(row, "text");
        enum label_verdict verdict = label_code_judge(&all, wanted, &code);
        if (strlen(wanted) != LABEL_CODE_CHARS ||
            (verdict != LABEL_GENUINE && verdict != LABEL_REVOKED_KEY))
            continue;
        struct keyring one = ring_of(first[keyring_find(&all, code.key) - all.list]);
        assert_true(label_code_make(&one, &code, text));
        assert_string_equal(text, wanted);
    }
    json_decref(document);
}

static void refused_keys(const char *text, const char *why)
{
    struct keyring keys;
    const char *told;
    json_t *document = json_loads(text, 0, NULL);
    assert_non_null(document);
    assert_false(label_keys_read(document, "label", &keys, &told));
    assert_string_equal(told, why);
    json_decref(document);
}

static void test_keys_that_are_none(void **state)
{
#define KEY_OF(kid, more) \
    "{\"keys\":[{\"kid\":\"" kid "\",\"x\":\"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg\"" more \
    "}]}"
    (void)state;
    refused_keys("{}", "there is no array \"keys\"");
    refused_keys("{\"keys\":[{}]}", "a key has no \"kid\" or no \"x\"");
    refused_keys("{\"keys\":[{\"kid\":\"5647\",\"x\":\"A6EH\"}]}",
                 "\"x\" is not 32 bytes in base64url");
    refused_keys(KEY_OF("5648", ""), "a \"kid\" is not that of its public half");
    refused_keys(KEY_OF("5647", ",\"revoked_at\":true"),
                 "\"revoked_at\" is neither a time nor null");
    refused_keys(KEY_OF("5647", ",\"revoked_at\":\"yesterday\""), "a time is not RFC 3339");
}

// --- the file of a ring --------------------------------------------------------------------------

static struct {
    char folder[32], state[64], path[128];
} place;

static int place_make(void **state)
{
    snprintf(place.folder, sizeof place.folder, "/tmp/label-keys-XXXXXX");
    if (!mkdtemp(place.folder))
        return -1;
    snprintf(place.state, sizeof place.state, "%s/state", place.folder);
    snprintf(place.path, sizeof place.path, "%s/keys/label.key", place.state);
    return 0;
}

static int place_drop(void **state)
{
    char path[128];
    unlink(place.path);
    snprintf(path, sizeof path, "%s/keys", place.state);
    rmdir(path);
    rmdir(place.state);
    return rmdir(place.folder);
}

static void add_line(const char *line)
{
    FILE *file = fopen(place.path, "a");
    assert_non_null(file);
    fputs(line, file);
    fclose(file);
}

static void assert_same_ring(const struct keyring *a, const struct keyring *b)
{
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->list, b->list, sizeof a->list);
}

static void test_key_file(void **state)
{
    struct keyring keys, again;
    struct stat about;
    (void)state;
    assert_false(keyring_look(&keys, place.state, "label")); // makes nothing
    assert_int_equal(access(place.state, F_OK), -1);
    assert_true(keyring_load(&keys, place.state, "label")); // makes what is missing
    assert_int_equal(keys.count, 1);
    assert_int_equal(stat(place.path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_true(keyring_load(&again, place.state, "label"));
    assert_same_ring(&keys, &again);
    keyring_finish(&again);

    assert_int_equal(chmod(place.path, 0644), 0);
    assert_false(keyring_load(&again, place.state, "label"));
    assert_int_equal(chmod(place.path, 0600), 0);
    add_line("0001 5 00\n");
    assert_false(keyring_load(&again, place.state, "label"));
    keyring_finish(&keys);
}

static void test_rotation_and_revocation(void **state)
{
    struct keyring keys, again;
    struct label_code code = sample(), read;
    struct stat about;
    char old[LABEL_CODE_CHARS + 1], fresh[LABEL_CODE_CHARS + 1];
    const int64_t far = INT64_C(4000000000) * 1000000;
    (void)state;
    assert_true(keyring_load(&keys, place.state, "label"));
    assert_true(label_code_make(&keys, &code, old));
    keyring_finish(&keys);

    assert_true(keyring_new(&keys, place.state, "label", clock_now()));
    assert_true(label_code_make(&keys, &code, fresh));
    assert_int_equal(code.key, keys.list[1].id);
    assert_int_equal(label_code_judge(&keys, old, &read), LABEL_GENUINE);
    keyring_finish(&keys);

    assert_true(keyring_new(&keys, place.state, "label", far)); // signs when its time has come
    assert_ptr_equal(keyring_signing(&keys), &keys.list[1]);
    uint16_t second = keys.list[1].id;
    keyring_finish(&keys);

    // Of the key that signs: another signs from then on, and it never again.
    assert_true(keyring_revoke(&keys, place.state, "label", second));
    assert_int_equal(keys.count, 4);
    assert_ptr_equal(keyring_signing(&keys), &keys.list[3]);
    assert_int_equal(label_code_judge(&keys, fresh, &read), LABEL_REVOKED_KEY);
    assert_string_equal(read.number, code.number);
    assert_int_equal(label_code_check(&keys, fresh, &read), ERR_REVOKED_KEY);
    assert_int_equal(label_code_judge(&keys, old, &read), LABEL_GENUINE);
    assert_true(keyring_look(&again, place.state, "label"));
    assert_same_ring(&keys, &again);
    int64_t first_time = keys.list[1].revoked_at;
    keyring_finish(&again);
    keyring_finish(&keys);

    assert_true(keyring_revoke(&keys, place.state, "label", second)); // said before
    assert_int_equal(keys.list[1].revoked_at, first_time);
    uint16_t first = keys.list[0].id;
    keyring_finish(&keys);
    assert_true(keyring_revoke(&keys, place.state, "label", first)); // stays the first
    assert_int_equal(keys.list[0].id, first);
    assert_int_equal(keys.count, 4);
    keyring_finish(&keys);
    assert_false(keyring_revoke(&keys, place.state, "label", (uint16_t)(first + 1)));
    assert_int_equal(stat(place.path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
}

// What a crash left at the end is no key, and the next line goes in its place.
static void test_a_line_that_is_not_whole(void **state)
{
    struct keyring keys;
    (void)state;
    assert_true(keyring_load(&keys, place.state, "label"));
    keyring_finish(&keys);
    add_line("# remark\n\nabcd 17000000");
    assert_true(keyring_look(&keys, place.state, "label"));
    assert_int_equal(keys.count, 1);
    keyring_finish(&keys);
    assert_true(keyring_new(&keys, place.state, "label", 1));
    keyring_finish(&keys);
    assert_true(keyring_look(&keys, place.state, "label"));
    assert_int_equal(keys.count, 2);
    keyring_finish(&keys);
}

// A line of somebody's own hand: no key signs that is revoked, and without one that may there is no
// ring.
static void test_revoked_by_hand(void **state)
{
    struct keyring keys;
    char line[64];
    (void)state;
    assert_true(keyring_load(&keys, place.state, "label"));
    keyring_finish(&keys);
    assert_true(keyring_new(&keys, place.state, "label", 1));
    uint16_t first = keys.list[0].id, second = keys.list[1].id;
    keyring_finish(&keys);
    snprintf(line, sizeof line, "%04x revoked 1700000000000000\n", second);
    add_line(line);
    assert_true(keyring_look(&keys, place.state, "label"));
    assert_int_equal(keyring_signing(&keys)->id, first);
    keyring_finish(&keys);
    snprintf(line, sizeof line, "%04x revoked 1700000000000000\n", first);
    add_line(line);
    assert_false(keyring_look(&keys, place.state, "label"));
}

// A service beside such a command: the ring it holds grows, and what it pointed to stays.
static void test_a_running_service_hears_of_it(void **state)
{
    static struct keyring running;
    struct keyring other;
    char moved[160];
    (void)state;
    assert_true(keyring_load(&running, place.state, "label"));
    keyring_publish("label", &running);
    const struct sign_key *first = keyring_signing(&running);
    keyrings_refresh(place.state);
    assert_int_equal(running.count, 1);

    assert_true(keyring_new(&other, place.state, "label", clock_now()));
    keyrings_refresh(place.state);
    assert_int_equal(running.count, 2);
    assert_ptr_equal(keyring_signing(&running), &running.list[1]);
    assert_ptr_equal(keyring_find(&running, first->id), first);
    keyring_finish(&other);
    assert_true(keyring_revoke(&other, place.state, "label", first->id));
    keyrings_refresh(place.state);
    assert_true(first->revoked_at > 0);
    keyring_finish(&other);

    // Another ring in its place is not ours; what was known stays in force, and the next is heard.
    snprintf(moved, sizeof moved, "%s.old", place.path);
    assert_int_equal(rename(place.path, moved), 0);
    assert_true(keyring_load(&other, place.state, "label"));
    keyring_finish(&other);
    keyrings_refresh(place.state);
    assert_int_equal(running.count, 2);
    assert_ptr_equal(keyring_signing(&running), &running.list[1]);
    assert_int_equal(rename(moved, place.path), 0);
    assert_true(keyring_new(&other, place.state, "label", clock_now()));
    keyrings_refresh(place.state);
    assert_int_equal(running.count, 3);
    keyring_finish(&other);
    keyring_finish(&running);
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, place_make, place_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vector),
        cmocka_unit_test(test_forms_of_a_code),
        cmocka_unit_test(test_altered),
        cmocka_unit_test(test_what_cannot_be_signed),
        cmocka_unit_test(test_newest_key_signs_and_older_still_verify),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_day),
        cmocka_unit_test(test_published_vectors),
        cmocka_unit_test(test_vectors_are_signed_so),
        cmocka_unit_test(test_keys_that_are_none),
        PLACED(test_key_file),
        PLACED(test_rotation_and_revocation),
        PLACED(test_a_line_that_is_not_whole),
        PLACED(test_revoked_by_hand),
        PLACED(test_a_running_service_hears_of_it),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
