#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "custody/scan.h"

// What becomes of the times a device tells.

static const int64_t received = INT64_C(1795485600123456), second = 1000000, minute = 60000000;
static const int64_t day_ms = 86400000;

enum { DEVICE = 5, MOST = 8 };

static struct arena arena;
static struct scan scans[MOST];
static int count;

static void another_body(void)
{
    memset(scans, 0, sizeof scans);
    count = 0;
}

static int begin(void **state)
{
    (void)state;
    arena_init(&arena);
    another_body();
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

// Made so long after the receipt, by the device's clock.
static struct scan *made(int64_t after, int64_t seq)
{
    struct scan *scan = &scans[count++];
    scan->at = received + after;
    scan->device_seq = seq;
    scan->account = scan->device = DEVICE; // ids of accounts and devices meet
    return scan;
}

static void sent(int64_t skew_ms)
{
    scans_of_device(&arena, scans, count, DEVICE, skew_ms, received);
}

static int64_t member(const struct scan *scan, const char *name)
{
    json_t *data = scan->data ? json_loads(scan->data, 0, NULL) : NULL;
    int64_t value = data ? json_int(data, name, 0) : 0;
    assert_true(!scan->data || data);
    json_decref(data);
    return value;
}

static void told(const struct scan *scan, int64_t skew_ms, int64_t off_ms)
{
    assert_int_equal(scan->device, DEVICE);
    assert_int_equal(member(scan, "skew_ms"), skew_ms);
    assert_int_equal(member(scan, "clock_off_ms"), off_ms);
}

static void a_clock_that_is_right_changes_nothing(void **state)
{
    (void)state;
    struct scan *scan = made(-minute, 1);
    sent(0);
    assert_int_equal(scan->at, received - minute);
    assert_null(scan->data);
    told(scan, 0, 0);
}

static void a_skew_is_added_and_told(void **state)
{
    (void)state;
    struct scan *behind = made(-60 * minute, 1), *with_data = made(-61 * minute, 2);
    with_data->data = "{\"seal\":\"A1\"}";
    sent(3600000);
    assert_int_equal(behind->at, received);
    told(behind, 3600000, 0);
    assert_int_equal(with_data->at, received - minute);
    assert_string_equal(with_data->data, "{\"skew_ms\":3600000,\"seal\":\"A1\"}");
}

static void a_skew_of_over_a_day_is_only_told(void **state)
{
    (void)state;
    struct scan *scan = made(-minute, 1);
    scan->data = "{\"seal\":\"A1\"}";
    sent(day_ms + 1);
    assert_int_equal(scan->at, received - minute);
    told(scan, 0, day_ms + 1);
    assert_string_equal(scan->data, "{\"clock_off_ms\":86400001,\"seal\":\"A1\"}");
    another_body();
    scan = made(-minute - day_ms * 1000, 1);
    sent(day_ms);
    assert_int_equal(scan->at, received - minute);
    told(scan, day_ms, 0);
}

// A clock that is ahead: nothing after its receipt, and the order of the device stays.
static void what_is_ahead_is_cut_in_order(void **state)
{
    (void)state;
    struct scan *third = made(3 * second, 12), *second_of_two = made(2 * second, 11);
    struct scan *first_of_two = made(2 * second, 10), *just_now = made(-2, 9);
    struct scan *before = made(-second, 8);
    struct scan *malformed = made(4 * second, 0);
    malformed->problem = ERR_BAD_CODE;
    sent(0);
    assert_int_equal(third->at, received);
    assert_int_equal(second_of_two->at, received - 1);
    assert_int_equal(first_of_two->at, received - 2);
    assert_int_equal(just_now->at, received - 3);
    assert_int_equal(before->at, received - second);
    assert_int_equal(malformed->at, received + 4 * second);
    told(third, -3000, 0);
    told(first_of_two, -2000, 0);
    told(just_now, 0, 0);
    told(before, 0, 0);
    assert_null(malformed->data);
}

// What the device's clock said can be had again: the time that is kept less what was added.
static void the_device_time_can_be_had_again(void **state)
{
    (void)state;
    struct scan *scan = made(7 * second + 500, 1), *later = made(8 * second, 2);
    sent(-2000);
    assert_int_equal(later->at, received);
    assert_in_range(scan->at - member(scan, "skew_ms") * 1000 - (received + 7 * second) + 1000, 0,
                    2000);
    assert_int_equal(member(later, "skew_ms"), -8000);
}

static void far_ahead_is_a_matter_for_a_person(void **state)
{
    (void)state;
    struct scan *near = made(5 * minute, 1), *far = made(6 * minute, 2);
    sent(0);
    told(near, -5 * 60000, 0);
    told(far, -6 * 60000, -6 * 60000);
    another_body();
    struct scan *months = made(90 * 1440 * minute, 1), *later = made(91 * 1440 * minute, 2);
    sent(-91 * day_ms);
    assert_int_equal(months->at, received - 1);
    assert_int_equal(later->at, received);
    told(months, -90 * day_ms, -91 * day_ms);
    told(later, -91 * day_ms, -91 * day_ms);
}

// The least and greatest times that are read, and the skews of the strangest sent_at.
static void no_time_leaves_what_a_database_knows(void **state)
{
    static const int64_t ages = INT64_C(8000) * 366 * 86400000; // milliseconds
    (void)state;
    for (int i = 0; i < 4; i++) {
        another_body();
        struct scan *oldest = made(-received, 1), *newest = made(0, 2);
        newest->at = INT64_C(7258118400) * 1000000 - 1;
        sent((i & 1 ? 1 : -1) * (i & 2 ? ages : day_ms));
        assert_true(oldest->at >= -day_ms * 1000 && oldest->at <= received);
        assert_int_equal(newest->at, received);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_clock_that_is_right_changes_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_skew_is_added_and_told, begin, end),
        cmocka_unit_test_setup_teardown(a_skew_of_over_a_day_is_only_told, begin, end),
        cmocka_unit_test_setup_teardown(what_is_ahead_is_cut_in_order, begin, end),
        cmocka_unit_test_setup_teardown(the_device_time_can_be_had_again, begin, end),
        cmocka_unit_test_setup_teardown(far_ahead_is_a_matter_for_a_person, begin, end),
        cmocka_unit_test_setup_teardown(no_time_leaves_what_a_database_knows, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
