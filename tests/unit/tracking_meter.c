#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "tracking/track_meter.h"

enum { RATE = 60, BURST = 100 }; // one a second

static const int64_t second = 1000000000, start = 1000000000000;

static int set_up(void **state)
{
    *state = track_meter_create(RATE, BURST);
    return sodium_init() < 0;
}

static int tear_down(void **state)
{
    track_meter_destroy(*state);
    return 0;
}

static enum track_admission ask(struct track_meter *meter, const char *address, int number,
                                int64_t now, int *wait)
{
    char key[32];
    snprintf(key, sizeof key, "RR%08d0VN", number);
    return track_meter_ask(meter, track_meter_place(address), key, strlen(key), now, wait);
}

static void find_unknown(struct track_meter *meter, const char *address, int number, int64_t now)
{
    char key[32];
    snprintf(key, sizeof key, "RR%08d0VN", number);
    track_meter_unknown(meter, track_meter_place(address), key, strlen(key), now);
}

// How many new numbers from `first` on are answered, and how many of them at once.
static int answered(struct track_meter *meter, const char *address, int first, int64_t now,
                    int *at_once)
{
    int wait, count = 0;
    enum track_admission admission;
    *at_once = 0;
    while ((admission = ask(meter, address, first + count, now, &wait)) != TRACK_REFUSE) {
        count++;
        *at_once += admission == TRACK_ADMIT;
    }
    return count;
}

static void many_numbers_are_slowed_then_refused(void **state)
{
    int at_once, wait, before = 0;
    for (int i = 0; i < BURST / 2; i++)
        assert_int_equal(ask(*state, "192.0.2.1", i, start, &wait), TRACK_ADMIT);
    for (int i = BURST / 2; i < BURST; i++) {
        assert_int_equal(ask(*state, "192.0.2.1", i, start, &wait), TRACK_SLOW);
        assert_in_range(wait, before + 1, TRACK_SLOW_MS);
        before = wait;
    }
    assert_int_equal(ask(*state, "192.0.2.1", BURST, start, &wait), TRACK_REFUSE);
    assert_in_range(wait, 900, 1001);
    assert_int_equal(answered(*state, "192.0.2.2", 0, start, &at_once), BURST);
    assert_int_equal(at_once, BURST / 2);
}

static void allowance_comes_back_with_time(void **state)
{
    int at_once;
    (void)answered(*state, "192.0.2.1", 0, start, &at_once);
    assert_int_equal(answered(*state, "192.0.2.1", 1000, start + 10 * second, &at_once), 10);
    assert_int_equal(answered(*state, "192.0.2.1", 2000, start + 10 * second, &at_once), 0);
    assert_int_equal(answered(*state, "192.0.2.1", 3000, start + 1000 * second, &at_once), BURST);
}

static void the_same_numbers_again_cost_little(void **state)
{
    int wait, at_once;
    for (int i = 0; i < 4000; i++)
        assert_int_equal(ask(*state, "192.0.2.1", i % 8, start, &wait), TRACK_ADMIT);
    assert_in_range(answered(*state, "192.0.2.1", 100, start, &at_once), 50, 55);
    // What it learnt lately it may read again, if later, while new ones are refused.
    assert_int_equal(ask(*state, "192.0.2.1", 150, start, &wait), TRACK_SLOW);
    assert_in_range(wait, TRACK_SLOW_MS * 9 / 10, TRACK_SLOW_MS);
    assert_int_equal(ask(*state, "192.0.2.1", 5000, start, &wait), TRACK_REFUSE);
}

static void unknown_numbers_weigh_more(void **state)
{
    int wait, count = 0;
    while (ask(*state, "192.0.2.1", count, start, &wait) != TRACK_REFUSE)
        find_unknown(*state, "192.0.2.1", count++, start);
    assert_int_equal(count, BURST / TRACK_UNKNOWN_COST);
    for (int i = 0; i < 100; i++) { // the same one unknown again and again tells nothing
        assert_int_equal(ask(*state, "192.0.2.2", 1, start, &wait), TRACK_ADMIT);
        find_unknown(*state, "192.0.2.2", 1, start);
    }
}

// Whatever is asked at the same time before it turns out unknown: no more is owed than a whole
// allowance, and it is over in time.
static void debt_has_an_end(void **state)
{
    int wait, at_once;
    (void)answered(*state, "192.0.2.1", 0, start, &at_once);
    for (int i = 0; i < BURST; i++)
        find_unknown(*state, "192.0.2.1", i, start);
    assert_int_equal(ask(*state, "192.0.2.1", 500, start + 100 * second, &wait), TRACK_REFUSE);
    assert_int_equal(ask(*state, "192.0.2.1", 500, start + 102 * second, &wait), TRACK_SLOW);
}

static void a_place_is_an_address_or_a_64(void **state)
{
    char text[TRACK_PLACE_TEXT];
    static const char *const same[][2] = {
        {"2001:db8:1:2::7", "2001:db8:1:2:ffff::8"}, {"::ffff:192.0.2.1", "192.0.2.1"}, {"?", "x"}};
    for (size_t i = 0; i < countof(same); i++)
        assert_true(track_meter_place(same[i][0]) == track_meter_place(same[i][1]));
    assert_true(track_meter_place("2001:db8:1:2::7") != track_meter_place("2001:db8:1:3::7"));
    assert_true(track_meter_place("192.0.2.1") != track_meter_place("192.0.2.2"));
    static const char *const odd[] = {"192.0.2", "192.0.2.256", "192.0.2.1.1", "1920.0.2.1",
                                      "",        "192.0.2.1 "};
    for (size_t i = 0; i < countof(odd); i++)
        assert_true(track_meter_place(odd[i]) == track_meter_place("?"));
    static const char *const places[] = {"0.0.0.0", "203.0.113.255", "2001:db8:1:2::", "::"};
    for (size_t i = 0; i < countof(places); i++) {
        track_place_format(track_meter_place(places[i]), text);
        assert_true(track_meter_place(text) == track_meter_place(places[i]));
    }
    track_place_format(track_meter_place("203.0.113.7"), text);
    assert_string_equal(text, "203.0.113.7");
}

// Any number of addresses fits; who has used much stays remembered while others come and go.
static void the_table_is_bounded(void **state)
{
    int wait, at_once;
    char address[32];
    (void)answered(*state, "192.0.2.1", 0, start, &at_once);
    for (int i = 0; i < 1000000; i++) {
        snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        (void)ask(*state, address, 1, start + i, &wait);
    }
    assert_int_equal(ask(*state, "192.0.2.1", 5000, start + second / 2, &wait), TRACK_REFUSE);
    assert_int_equal(ask(*state, "10.1.2.3", 1, start + second / 2, &wait), TRACK_ADMIT);
}

static const struct track_use *use_of(const struct track_use *list, int count, const char *address)
{
    for (int i = 0; i < count; i++)
        if (list[i].place == track_meter_place(address))
            return &list[i];
    return NULL;
}

static void instances_count_together(void **state)
{
    struct track_meter *there = track_meter_create(RATE, BURST);
    struct track_use list[64];
    int count, wait, at_once;
    assert_int_equal(track_meter_take(*state, start, list, countof(list)), 0);
    for (int i = 0; i < 90; i++)
        (void)ask(*state, "192.0.2.1", i, start, &wait);
    (void)ask(*state, "192.0.2.2", 1, start, &wait); // next to nothing
    count = track_meter_take(*state, start, list, countof(list));
    assert_int_equal(count, 1);
    const struct track_use *use = use_of(list, count, "192.0.2.1");
    assert_non_null(use);
    assert_true(use->used == 90 * 1000000);
    for (int i = 0; i < 3; i++)
        (void)ask(there, "192.0.2.1", 1000 + i, start, &wait);
    track_meter_learn(there, use, start);
    assert_int_equal(answered(there, "192.0.2.1", 2000, start, &at_once), 7);
    assert_int_equal(at_once, 0);
    // What is told back counts nothing twice.
    track_meter_learn(*state, use, start);
    assert_int_equal(answered(*state, "192.0.2.1", 2000, start, &at_once), 10);
    count = track_meter_take(*state, start, list, countof(list));
    assert_true(use_of(list, count, "192.0.2.1")->used == 10 * 1000000);
    assert_int_equal(track_meter_take(*state, start, list, countof(list)), 0);
    track_meter_destroy(there);
}

// More than fit into one telling go into the next.
static void nobody_is_forgotten_in_the_telling(void **state)
{
    struct track_use list[64];
    char address[32];
    int count, told = 0, rounds = 0, wait;
    for (int i = 0; i < 500; i++) {
        snprintf(address, sizeof address, "10.0.%d.%d", i >> 8, i & 255);
        for (int n = 0; n < 5; n++)
            (void)ask(*state, address, n, start, &wait);
    }
    for (; (count = track_meter_take(*state, start, list, countof(list))) > 0; rounds++)
        told += count;
    assert_int_equal(told, 500);
    assert_in_range(rounds, 500 / 64, 20);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_numbers_are_slowed_then_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(allowance_comes_back_with_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_numbers_again_cost_little, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_numbers_weigh_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(debt_has_an_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_place_is_an_address_or_a_64, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_table_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(instances_count_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_is_forgotten_in_the_telling, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
