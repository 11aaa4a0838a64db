#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/compiler.h"
#include "postal/s9.h"

static const char id[] = "VNAAAGVNAAABAUN60012003010034";

static void normalizes_what_people_type(void **state)
{
    static const char *const rows[] = {"VNAAAGVNAAABAUN60012003010034",
                                       "vnaaagvnaaabaun60012003010034",
                                       " VNAAAG VNAAAB A UN 6 0012 003 0 1 0034 "};
    char out[S9_TEXT];
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        assert_true(s9_normalize(rows[i], out));
        assert_string_equal(out, id);
    }
}

static void refused_shapes(void **state)
{
    static const char *const rows[] = {"",
                                       "RR123456785VN",
                                       "VNAAAGVNAAABAUN6001200301003",
                                       "VNAAAGVNAAABAUN600120030100345",
                                       "VNAAAGVNAAABEUN60012003010034",
                                       "VN1AAGVNAAABAUN60012003010034",
                                       "VNAAAGVNAAABAUNX0012003010034",
                                       "VNAAAGVNAAABAUN6001200301O034",
                                       "VNAAAG\tVNAAABAUN60012003010034"};
    char out[S9_TEXT];
    (void)state;
    for (size_t i = 0; i < countof(rows); i++)
        assert_false(s9_normalize(rows[i], out));
    assert_true(
        s9_normalize("VNAAA1VNAAA2AUN60012003010034", out)); // a digit ends an office's code
}

static void groups_and_flags(void **state)
{
    char out[S9_GROUPED];
    (void)state;
    s9_group(id, out);
    assert_string_equal(out, "VNAAAG VNAAAB A UN 6 0012 003 0 1 0034");
    assert_true(s9_registered(id));
    assert_false(s9_registered("VNAAAGVNAAABAUN60012003000034"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalizes_what_people_type),
        cmocka_unit_test(refused_shapes),
        cmocka_unit_test(groups_and_flags),
    };
    return cmocka_run_group_tests_name("s9", tests, NULL, NULL);
}
