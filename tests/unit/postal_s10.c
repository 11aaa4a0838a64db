#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "postal/s10.h"

static void published_vector(void **state)
{
    assert_true(s10_valid("EE471108151FR"));
    assert_int_equal(s10_check_digit("47110815"), '1');
}

static void the_two_special_remainders(void **state)
{
    assert_int_equal(s10_check_digit("00000008"), '0'); // 8 * 7 = 56 leaves 1: 10 is written 0
    assert_int_equal(s10_check_digit("00000015"), '5'); // 9 + 5 * 7 = 44 leaves 0: 11 is written 5
}

static void service_letters(void **state)
{
    for (char letter = 'A'; letter <= 'Z'; letter++) {
        char number[S10_TEXT] = "XE471108151FR";
        number[0] = letter;
        assert_int_equal(s10_valid(number), strchr("ERVCLUMQABNPZ", letter) != NULL);
    }
}

static void refused_shapes(void **state)
{
    static const char *const bad[] = {"",
                                      "E",
                                      "EE471108151F",
                                      "EE471108151FRR",
                                      "ee471108151fr",
                                      "EE47110815",
                                      "EE 471108151FR",
                                      "E1471108151FR",
                                      "EEA71108151FR",
                                      "EE4711081514R",
                                      "EE471108152FR"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(s10_valid(bad[i]));
}

static void every_wrong_digit_is_found(void **state)
{
    // True of this number. Where the check digit is 0 or 5 two remainders share it.
    const char *good = "EE471108151FR";
    for (int at = 2; at < 10; at++) {
        for (char digit = '0'; digit <= '9'; digit++) {
            char number[S10_TEXT];
            memcpy(number, good, S10_TEXT);
            if (number[at] == digit)
                continue;
            number[at] = digit;
            assert_false(s10_valid(number));
        }
    }
}

static void normalizes_what_people_type(void **state)
{
    char out[S10_TEXT];
    assert_true(s10_normalize("ee 47110815 1 fr", out));
    assert_string_equal(out, "EE471108151FR");
    assert_true(s10_normalize(" EE471108151FR ", out));
    assert_true(s10_normalize("JJ471108159ZZ", out)); // its faults are told by s10_valid
    assert_false(s10_valid(out));
    assert_false(s10_normalize("EE471108151FRX", out));
    assert_false(s10_normalize("EE47110815-1FR", out));
    assert_false(s10_normalize("000.00.16.H57-261123-0001", out));
    assert_false(s10_normalize("\xc3\x89"
                               "E47110815FR",
                               out));
    assert_false(s10_normalize("", out));
}

static void groups_for_people(void **state)
{
    char out[S10_GROUPED];
    s10_group("RR123456785VN", out);
    assert_string_equal(out, "RR 12345678 5 VN");
}

static void packs_and_unpacks(void **state)
{
    static const char *const services[] = {"EE", "RR", "AA", "ZZ", "VN"};
    for (size_t s = 0; s < sizeof(services) / sizeof(services[0]); s++) {
        for (uint32_t serial = 0; serial < 100000000; serial += 999983) {
            char number[S10_TEXT], back[S10_TEXT];
            snprintf(number, sizeof(number), "%s%08u?VN", services[s], serial);
            number[10] = s10_check_digit(number + 2);
            uint8_t packed[S10_PACKED];
            s10_pack(number, packed);
            assert_true(s10_unpack(packed, back));
            assert_string_equal(number, back);
            assert_true(s10_valid(back));
        }
    }
}

static void unpack_refuses_what_pack_never_makes(void **state)
{
    char out[S10_TEXT];
    assert_false(s10_unpack((const uint8_t[]){255, 255, 255, 255, 255, 255}, out));
    uint8_t packed[S10_PACKED];
    s10_pack("JE471108151FR", packed); // a reserved service
    assert_false(s10_unpack(packed, out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vector),
        cmocka_unit_test(the_two_special_remainders),
        cmocka_unit_test(service_letters),
        cmocka_unit_test(refused_shapes),
        cmocka_unit_test(every_wrong_digit_is_found),
        cmocka_unit_test(normalizes_what_people_type),
        cmocka_unit_test(groups_for_people),
        cmocka_unit_test(packs_and_unpacks),
        cmocka_unit_test(unpack_refuses_what_pack_never_makes),
    };
    return cmocka_run_group_tests_name("s10", tests, NULL, NULL);
}
