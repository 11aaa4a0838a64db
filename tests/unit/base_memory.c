#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

static void test_arena_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    char *before = NULL;
    for (size_t size = 1; size < 20000; size = size * 3 + 1) {
        char *got = arena_alloc(&arena, size);
        assert_int_equal((uintptr_t)got % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(got[i], 0);
        memset(got, 0x5a, size);
        if (before)
            assert_int_equal(before[0], 0x5a);
        before = got;
    }
    assert_string_equal(arena_copy(&arena, "abc", 2), "ab");
    assert_string_equal(arena_copy(&arena, NULL, 0), "");
    assert_string_equal(arena_printf(&arena, "%s-%d", "túi", 41), "túi-41");
    arena_finish(&arena);
    arena_finish(&arena);
}

static void test_buf_grows_and_ends_in_nul(void **state)
{
    (void)state;
    struct buf buf = {0};
    for (int i = 0; i < 1000; i++)
        buf_printf(&buf, "%d,", i % 10);
    assert_int_equal(buf.len, 2000);
    assert_int_equal(buf.data[2000], 0);
    buf_reset(&buf);
    assert_string_equal(buf.data, "");
    buf_add(&buf, "a\0b", 3);
    assert_int_equal(buf.len, 3);
    buf_finish(&buf);
}

static void test_buf_escapes(void **state)
{
    (void)state;
    struct buf buf = {0};
    buf_json_string(&buf, "a\"\\\n\x01 ế", 9);
    assert_string_equal(buf.data, "\"a\\\"\\\\\\n\\u0001 ế\"");
    buf_reset(&buf);
    buf_json_string(&buf, "", 0);
    assert_string_equal(buf.data, "\"\"");
    buf_reset(&buf);
    buf_html(&buf, "<b a='1' c=\"2\">&x");
    assert_string_equal(buf.data, "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;x");
    buf_finish(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_is_zeroed_aligned_and_apart),
        cmocka_unit_test(test_buf_grows_and_ends_in_nul),
        cmocka_unit_test(test_buf_escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
