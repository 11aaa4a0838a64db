// The code on the receipt: as it is typed, and that another dossier or issue has another.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/compiler.h"
#include "dossier/receipt_code.h"

static const uint8_t one[UUID_BYTES] = {1}, other[UUID_BYTES] = {2};

static void read_as_people_type(void **unused)
{
    static const char *const typed[] = {"7KCM 40XR", "7kcm40xr",        " 7kcm-40xr ",
                                        "7KCM4OXR",  "7 K C M 4 q X R", "7kcm 4dxr"};
    static const char *const none[] = {"",          "7KCM 40X",   "7KCM 40XRX", "7KCM 40X*",
                                       "7KCM 40XA", "7KCM\t40XR", "7KCM 40XÊ"};
    char plain[RECEIPT_CODE_PLAIN];
    (void)unused;
    for (size_t i = 0; i < countof(typed); i++) {
        assert_true(receipt_code_read(typed[i], plain));
        assert_string_equal(plain, "7KCM40XR");
    }
    for (size_t i = 0; i < countof(none); i++)
        assert_false(receipt_code_read(none[i], plain));
    assert_true(receipt_code_read("ilzs buoq", plain));
    assert_string_equal(plain, "11258V00");
}

static void each_its_own(void **unused)
{
    char first[RECEIPT_CODE_TEXT], again[RECEIPT_CODE_TEXT], next[RECEIPT_CODE_TEXT];
    char theirs[RECEIPT_CODE_TEXT], plain[RECEIPT_CODE_PLAIN];
    uint8_t hash[SEAL_DIGEST_BYTES], same[SEAL_DIGEST_BYTES], foreign[SEAL_DIGEST_BYTES];
    (void)unused;
    receipt_code(one, 1, first);
    receipt_code(one, 1, again);
    receipt_code(one, 2, next);
    receipt_code(other, 1, theirs);
    assert_string_equal(first, again);
    assert_string_not_equal(first, next);
    assert_string_not_equal(first, theirs);
    assert_true(receipt_code_read(first, plain));
    receipt_code_hash_of(one, 1, hash);
    receipt_code_hash(one, plain, same);
    receipt_code_hash(other, plain, foreign);
    assert_memory_equal(hash, same, sizeof hash);
    assert_memory_not_equal(hash, foreign, sizeof hash);
}

// All letters come, and about as often.
static void even(void **unused)
{
    static const char letters[] = "0123456789CFGHJKMNPRTVX";
    int seen[sizeof letters - 1] = {0};
    char code[RECEIPT_CODE_TEXT];
    (void)unused;
    for (int issue = 1; issue <= 2300; issue++) {
        receipt_code(one, issue, code);
        assert_int_equal(code[4], ' ');
        for (const char *c = code; *c; c++)
            if (*c != ' ') {
                assert_non_null(strchr(letters, *c));
                seen[strchr(letters, *c) - letters]++;
            }
    }
    for (size_t i = 0; i < countof(seen); i++)
        assert_in_range(seen[i], 650, 950);
}

static void shown_in_place_of_the_issue(void **unused)
{
    struct arena arena;
    (void)unused;
    arena_init(&arena);
    json_t *reply =
        json_pack("{s:s, s:i}", "id", "01000000-0000-0000-0000-000000000000", "receipt_issue", 1);
    char code[RECEIPT_CODE_TEXT];
    receipt_code(one, 1, code);
    receipt_code_show(&arena, reply);
    assert_string_equal(json_string_value(json_object_get(reply, "receipt_code")), code);
    assert_null(json_object_get(reply, "receipt_issue"));
    json_decref(reply);
    reply = json_pack("{s:s}", "id", "01000000-0000-0000-0000-000000000000");
    receipt_code_show(&arena, reply);
    assert_int_equal(json_object_size(reply), 1);
    json_decref(reply);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_as_people_type),
        cmocka_unit_test(each_its_own),
        cmocka_unit_test(even),
        cmocka_unit_test(shown_in_place_of_the_issue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
