// The text of a receipt and its signature, against vectors that are checked by another program too
// (tests/api/devices.test.mjs builds the same text).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "custody/receipt.h"

static const struct receipt_line lines[] = {
    {"0193a000-0000-7000-8000-000000000001", "recorded"},
    {"mã lạ", "refused"},
};

static struct receipt sample(void)
{
    return (struct receipt){.device = "0193a000-0000-7000-8000-00000000000d",
                            .position = 42,
                            .at = 1795486500123000,
                            .count = 2,
                            .lines = lines};
}

static void expect_text(const struct receipt *receipt, const char *expected)
{
    struct buf text = {0};
    receipt_text(receipt, &text);
    buf_byte(&text, '\0');
    assert_string_equal(text.data, expected);
    buf_finish(&text);
}

static void the_text_is_as_documented(void **state)
{
    struct receipt receipt = sample();
    expect_text(&receipt, "dossierpost receipt 1\n"
                          "0193a000-0000-7000-8000-00000000000d\n42\n"
                          "2026-11-24T09:15:00.123+07:00\n"
                          "recorded 0193a000-0000-7000-8000-000000000001\n"
                          "refused mã lạ\n");
    expect_text(&(struct receipt){.at = receipt.at}, "dossierpost receipt 1\n-\n-\n"
                                                     "2026-11-24T09:15:00.123+07:00\n");
}

// Seed: 32 bytes 01. Ed25519 is deterministic, so the whole document is.
static void the_document_is_signed(void **state)
{
    uint8_t seed[SIGN_KEY_SEED];
    struct keyring keys = {0};
    struct receipt receipt = sample();
    struct buf out = {0};
    memset(seed, 1, sizeof seed);
    assert_true(keyring_add(&keys, seed, 0));
    receipt_print(&receipt, keyring_signing(&keys), &out);
    buf_byte(&out, '\0');
    assert_string_equal(
        out.data,
        "{\"device\":\"0193a000-0000-7000-8000-00000000000d\","
        "\"position\":42,"
        "\"at\":\"2026-11-24T09:15:00.123+07:00\","
        "\"ids\":[\"0193a000-0000-7000-8000-000000000001\","
        "\"mã lạ\"],"
        "\"outcomes\":[\"recorded\","
        "\"refused\"],"
        "\"key\":\"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w\","
        "\"signature\":\"astX3Mh_EDOz9F2kekpBzywLd1wYQmscAbdkKWFdLiUdu9nulvlUdqlsaJZ2uKOls_"
        "5zIGYYR8DREeZFOV0zBw\"}");
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_as_documented),
        cmocka_unit_test(the_document_is_signed),
    };
    return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
