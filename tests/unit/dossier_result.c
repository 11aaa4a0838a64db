#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/seal.h"
#include "dossier/result_seal.h"
#include "dossier/result_token.h"

static const uint8_t seed[SIGN_KEY_SEED] = {7};
static struct keyring keys;

static struct result_seal sealed(void)
{
    struct result_seal seal = {.dossier = "000.00.16.H57-261124-0001",
                               .version = 3,
                               .size = 12345,
                               .at = INT64_C(1795481700123456)};
    memset(seal.sha256, 0xab, sizeof seal.sha256);
    result_seal_sign(&seal, keyring_signing(&keys));
    return seal;
}

static void what_is_sealed_is_read_back_and_genuine(void **state)
{
    struct result_seal seal = sealed(), again;
    json_t *json = result_seal_json(&seal);
    assert_int_equal(seal.at % 1000, 0);
    assert_true(result_seal_read(json, &again));
    assert_string_equal(again.dossier, seal.dossier);
    assert_int_equal(again.version, 3);
    assert_int_equal(result_seal_judge(&again, &keys), RESULT_GENUINE);
    json_decref(json);
}

static void altered(struct result_seal other)
{
    assert_int_equal(result_seal_judge(&other, &keys), RESULT_ALTERED);
}

// Each member stands under the signature.
static void a_changed_member_is_altered(void **state)
{
    const struct result_seal seal = sealed();
    struct result_seal other = seal;
    other.version++;
    altered(other);
    other = seal;
    other.size++;
    altered(other);
    other = seal;
    other.at += 1000;
    altered(other);
    other = seal;
    other.sha256[31] ^= 1;
    altered(other);
    other = seal;
    other.dossier[24] = '2';
    altered(other);
    other = seal;
    other.signature[0] ^= 1;
    altered(other);
    other = seal;
    other.kid ^= 1;
    assert_int_equal(result_seal_judge(&other, &keys), RESULT_UNKNOWN_KEY);
    other = seal;
    other.key[0] ^= 1; // names another key under our id
    assert_int_equal(result_seal_judge(&other, &keys), RESULT_UNKNOWN_KEY);
}

static void a_revoked_key_counts_no_more(void **state)
{
    struct result_seal seal = sealed();
    keys.list[0].revoked_at = 5;
    assert_int_equal(result_seal_judge(&seal, &keys), RESULT_REVOKED_KEY);
    keys.list[0].revoked_at = 0;
}

static void a_seal_of_another_shape_is_none(void **state)
{
    static const char *const members[] = {"type", "dossier", "version", "sha256",   "size",
                                          "at",   "kid",     "key",     "signature"};
    static const char *const wrong[] = {"null", "\"\"", "\"x y\"", "-1", "0", "{}", "true"};
    struct result_seal seal = sealed(), out;
    json_t *json = result_seal_json(&seal);
    for (size_t m = 0; m < countof(members); m++) {
        for (size_t w = 0; w < countof(wrong); w++) {
            json_t *other = json_copy(json);
            json_object_set_new(other, members[m], json_loads(wrong[w], JSON_DECODE_ANY, NULL));
            assert_false(result_seal_read(other, &out));
            json_decref(other);
        }
    }
    // The same moment in another zone is another text.
    json_object_set_new(json, "at", json_string("2026-11-24T00:15:00.123+00:00"));
    assert_false(result_seal_read(json, &out));
    json_decref(json);
}

static void a_pass_is_of_its_dossier_for_its_time(void **state)
{
    uint8_t dossier[UUID_BYTES] = {1, 2, 3}, out[UUID_BYTES];
    char token[RESULT_TOKEN_TEXT], other[RESULT_TOKEN_TEXT];
    result_token(dossier, 1000, token);
    assert_true(result_token_read(token, 999, out));
    assert_memory_equal(out, dossier, sizeof out);
    assert_false(result_token_read(token, 1000, out));
    assert_false(result_token_read("", 0, out));
    assert_false(result_token_read("x", 0, out));
    for (size_t i = 0; i < sizeof token - 1; i++) {
        memcpy(other, token, sizeof other);
        other[i] = other[i] == 'A' ? 'B' : 'A';
        assert_false(result_token_read(other, 0, out));
    }
    token[RESULT_TOKEN_TEXT - 2] = '\0';
    assert_false(result_token_read(token, 0, out));
}

static int begin(void **state)
{
    char folder[] = "/tmp/dossier_result_XXXXXX";
    if (sodium_init() < 0 || !mkdtemp(folder) || !seal_setup(folder))
        return 1;
    return keyring_add(&keys, seed, 1) ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_is_read_back_and_genuine),
        cmocka_unit_test(a_changed_member_is_altered),
        cmocka_unit_test(a_revoked_key_counts_no_more),
        cmocka_unit_test(a_seal_of_another_shape_is_none),
        cmocka_unit_test(a_pass_is_of_its_dossier_for_its_time),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, begin, NULL);
}
