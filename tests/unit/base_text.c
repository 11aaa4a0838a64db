#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

static struct arena arena;

static const char *cleaned(const char *text, bool lines)
{
    return text_clean(&arena, text, strlen(text), lines);
}

static void test_clean_composes(void **state)
{
    (void)state;
    assert_string_equal(cleaned("Nguye\xcc\x82\xcc\x83n", false), "Nguyễn");
    assert_string_equal(cleaned("Hộ chiếu", false), "Hộ chiếu");
    assert_string_equal(cleaned("", false), "");
    assert_string_equal(cleaned("hai\ndòng", true), "hai\ndòng");
}

static void test_clean_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "a\nb",         "a\tb",         "\x01",         "\x7f",         "\xc2\x85",
        "\xe2\x80\xae", "\xe2\x81\xa6", "\xd8\x9c",     "\xef\xbf\xbe", "\xef\xbb\xbf",
        "\xff",         "\xc0\xaf",     "\xed\xa0\x80", "\xc3",         "\xf4\x90\x80\x80",
    };
    for (size_t i = 0; i < countof(bad); i++)
        assert_null(cleaned(bad[i], false));
    assert_null(text_clean(&arena, "a\0b", 3, true));
    assert_null(cleaned("a\rb", true));
}

static void test_money_and_masks(void **state)
{
    (void)state;
    char out[MONEY_TEXT];
    static const struct {
        long long amount;
        const char *text;
    } rows[] = {{0, "0"},
                {999, "999"},
                {1000, "1.000"},
                {26000, "26.000"},
                {-1234567, "-1.234.567"},
                {INT64_MIN, "-9.223.372.036.854.775.808"}};
    for (size_t i = 0; i < countof(rows); i++) {
        text_money(rows[i].amount, out);
        assert_string_equal(out, rows[i].text);
    }
    assert_string_equal(text_mask_name(&arena, "Nguyễn Văn Ánh"), "Nguyễn V*** Á***");
    assert_string_equal(text_mask_name(&arena, " Lan "), "L***");
    assert_int_equal(text_length("Ánh ế"), 5);
}

static void test_clock_reads_and_writes(void **state)
{
    (void)state;
    int64_t at, same;
    char text[CLOCK_TEXT];
    assert_true(clock_parse("2026-11-23T09:15:00.123+07:00", &at));
    clock_format(at, text);
    assert_string_equal(text, "2026-11-23T09:15:00.123+07:00");
    clock_format_people(at, text);
    assert_string_equal(text, "23/11/2026 09:15");
    assert_true(clock_parse("2026-11-23T02:15:00.123Z", &same));
    assert_int_equal(at, same);
    assert_true(clock_parse("2024-02-29T23:59:59-12:30", &at));
    clock_format(INT64_C(1730000000999999), text); // milliseconds are cut, not rounded up
    assert_string_equal(text + 19, ".999+07:00");
}

static void test_days(void **unused)
{
    static const char *const good[] = {"1950-02-28", "2024-02-29", "0001-01-01", "9999-12-31"};
    static const char *const bad[] = {
        "",           "2023-02-29", "1950-13-01",  "1950-00-10",
        "0000-01-01", "50-02-28",   "1950-02-28 ", "1950-02-28T00:00:00Z"};
    (void)unused;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(clock_is_date(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(clock_is_date(bad[i]));
}

static void test_clock_refuses(void **state)
{
    (void)state;
    int64_t at;
    static const char *const bad[] = {
        "",
        "2026-11-23",
        "2026-11-23T09:15:00",
        "2026-11-23 09:15:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-10T00:00:00Z",
        "2026-11-31T00:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T09:60:00Z",
        "2026-11-23T09:15:60Z",
        "2026-11-23T09:15:00.Z",
        "2026-11-23T09:15:00.1234567890Z",
        "2026-11-23T09:15:00+7:00",
        "2026-11-23T09:15:00+07:00 ",
        "2026-11-23T09:15:00+0700",
        "-026-11-23T09:15:00Z",
        "1969-12-31T00:00:00Z",
    };
    for (size_t i = 0; i < countof(bad); i++)
        assert_false(clock_parse(bad[i], &at));
}

static void test_uuid(void **state)
{
    (void)state;
    uint8_t id[UUID_BYTES], again[UUID_BYTES], before[UUID_BYTES] = {0};
    char text[UUID_TEXT];
    for (int i = 0; i < 10000; i++) {
        uuid_v7(id);
        assert_true(memcmp(before, id, sizeof id) < 0); // they count upwards
        memcpy(before, id, sizeof id);
    }
    assert_int_equal(id[6] >> 4, 7);
    assert_int_equal(id[8] >> 6, 2);
    int64_t off = clock_now() - uuid_time(id);
    assert_true(off > -1000000 && off < 1000000);
    uuid_format(id, text);
    assert_true(uuid_parse(text, again));
    assert_memory_equal(id, again, sizeof id);
    assert_false(uuid_parse("", again));
    assert_false(uuid_parse("01939f0e7c1a7c5b8e213f4d5a6b7c8d", again));
    assert_false(uuid_parse("01939f0e-7c1a-7c5b-8e21-3f4d5a6b7c8", again));
    assert_false(uuid_parse("01939f0e-7c1a-7c5b-8e21-3f4d5a6b7c8dd", again));
    assert_false(uuid_parse("01939f0e-7c1a-7c5b-8e21-3f4d5a6b7c8g", again));
}

static void test_errors_have_rows(void **state)
{
    (void)state;
    for (int i = ERR_OK + 1; i < ERR_COUNT; i++) {
        const struct err_row *row = err_row((enum err)i);
        assert_int_equal(err_by_slug(row->slug), i); // slugs are unique
        assert_in_range(row->status, 400, 599);
        assert_true(*row->title_vi && *row->title_en && *row->text_vi && *row->text_en);
    }
    assert_int_equal(err_by_slug("no-such"), ERR_OK);
    assert_ptr_equal(err_row(ERR_OK), err_row(ERR_INTERNAL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_clean_composes),
        cmocka_unit_test(test_clean_refuses),
        cmocka_unit_test(test_money_and_masks),
        cmocka_unit_test(test_clock_reads_and_writes),
        cmocka_unit_test(test_clock_refuses),
        cmocka_unit_test(test_uuid),
        cmocka_unit_test(test_errors_have_rows),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_finish(&arena);
    return failed;
}
