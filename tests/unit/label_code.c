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

#include "label/code.h"

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
    assert_true(keyring_add(&keys, seed, 1800000000000000));
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

static void test_key_file(void **state)
{
    char folder[] = "/tmp/label-keys-XXXXXX", state_dir[64], path[128];
    struct keyring keys, again;
    struct stat about;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(state_dir, sizeof state_dir, "%s/state", folder);
    assert_true(keyring_load(&keys, state_dir, "label")); // makes what is missing
    assert_int_equal(keys.count, 1);
    snprintf(path, sizeof path, "%s/keys/label.key", state_dir);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_true(keyring_load(&again, state_dir, "label"));
    assert_memory_equal(&keys, &again, sizeof keys);

    assert_int_equal(chmod(path, 0644), 0);
    assert_false(keyring_load(&again, state_dir, "label"));
    assert_int_equal(chmod(path, 0600), 0);
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputs("0001 5 00\n", file);
    fclose(file);
    assert_false(keyring_load(&again, state_dir, "label"));

    unlink(path);
    snprintf(path, sizeof path, "%s/keys", state_dir);
    rmdir(path);
    rmdir(state_dir);
    rmdir(folder);
}

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
        cmocka_unit_test(test_key_file),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
