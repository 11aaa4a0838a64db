// Answers kept in memory: what makes them old, and what goes when there is no room.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracking/track_cache.h"
#include "tracking/track_changes.h"

static struct track_answer *answer(const char *subjects, size_t len)
{
    char view[4096];
    memset(view, 'v', len);
    uint64_t mark = changes_mark();
    struct track_answer *one = track_answer_create(subjects, view, len);
    one->until = clock_now() + 60000000;
    one->mark = mark;
    return one;
}

static void put(struct track_cache *cache, const char *key, const char *subjects, size_t len)
{
    struct track_answer *one = answer(subjects, len);
    track_cache_put(cache, key, one);
    track_answer_release(one);
}

static uint64_t named(const char *subject)
{
    return subject_key(subject, strlen(subject));
}

static void given_until_a_subject_changes(void **state)
{
    struct track_cache *cache = track_cache_create(1 << 20);
    put(cache, "A", "dossier RR1 BAG", 10);
    put(cache, "B", "other RR2", 10);
    assert_int_equal(track_cache_get(cache, "A")->count, 3);
    assert_null(track_cache_get(cache, "C"));
    change_waits(named("BAG"), true);
    assert_null(track_cache_get(cache, "A"));
    assert_non_null(track_cache_get(cache, "B"));
    change_placed(named("RR2"), 7, false); // said before that it waits
    assert_non_null(track_cache_get(cache, "B"));
    change_placed(named("RR2"), 8, true);
    assert_null(track_cache_get(cache, "B"));
    put(cache, "B", "other RR2", 10);
    changes_all();
    assert_null(track_cache_get(cache, "B"));
    assert_int_equal(track_cache_bytes(cache), 0);
    track_cache_destroy(cache);
}

static void not_kept_when_it_changed_while_it_was_read(void **state)
{
    struct track_cache *cache = track_cache_create(1 << 20);
    struct track_answer *one = answer("RR3", 10);
    change_waits(named("RR3"), true);
    track_cache_put(cache, "A", one);
    assert_int_equal(track_cache_bytes(cache), 0);
    assert_null(track_cache_get(cache, "A"));
    track_answer_release(one);
    one = answer("RR3", 10);
    one->until = clock_now() - 1;
    track_cache_put(cache, "A", one);
    assert_int_equal(track_cache_bytes(cache), 0);
    assert_null(track_cache_get(cache, "A"));
    track_answer_release(one);
    track_cache_destroy(cache);
}

static void bounded_the_least_used_goes_first(void **state)
{
    char key[16];
    struct track_cache *cache = track_cache_create(100000);
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof key, "K%d", i);
        put(cache, key, "RR4", 1000);
        put(cache, key, "RR4", 1000); // asked for again
        assert_true(track_cache_bytes(cache) <= 100000);
        (void)track_cache_get(cache, "K0"); // used again and again
    }
    assert_non_null(track_cache_get(cache, "K0"));
    assert_null(track_cache_get(cache, "K1"));
    assert_non_null(track_cache_get(cache, "K999"));
    struct track_answer *last = track_cache_get(cache, "K999");
    last->page.data = calloc(1, 90000);
    last->page.len = 90000;
    track_cache_weigh(cache, "K999");
    assert_true(track_cache_bytes(cache) <= 100000);
    track_cache_destroy(cache);
}

static void what_is_asked_for_once_takes_nobodys_place(void **state)
{
    char key[16];
    int there = 0, again = 0;
    struct track_cache *cache = track_cache_create(100000);
    for (int i = 0; i < 50; i++) {
        snprintf(key, sizeof key, "H%d", i);
        put(cache, key, "RR7", 1000);
    }
    for (int i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "ONCE%d", i);
        put(cache, key, "RR7", 1000);
        snprintf(key, sizeof key, "H%d", i % 50);
        again += track_cache_get(cache, key) != NULL;
        put(cache, key, "RR7", 1000); // as who misses does
    }
    for (int i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "ONCE%d", i);
        there += track_cache_get(cache, key) != NULL;
    }
    assert_true(again > 19900);
    assert_in_range(there, 1, 26); // what there is room for beside them
    put(cache, "TWICE", "RR7", 1000);
    put(cache, "TWICE", "RR7", 1000);
    assert_non_null(track_cache_get(cache, "TWICE"));
    track_cache_destroy(cache);
}

static void the_same_key_again_takes_the_place(void **state)
{
    struct track_cache *cache = track_cache_create(1 << 20);
    put(cache, "A", "RR5", 10);
    size_t bytes = track_cache_bytes(cache);
    put(cache, "A", "RR5", 10);
    assert_int_equal(track_cache_bytes(cache), bytes);
    track_cache_destroy(cache);
}

static void a_kept_position_holds_until_more_is_known(void **state)
{
    uint64_t subject = named("RR6");
    change_placed(subject, 100, true);
    assert_true(subjects_hold_position(&subject, 1, 100));
    assert_false(subjects_hold_position(&subject, 1, 99));
    change_waits(subject, true);
    assert_false(subjects_hold_position(&subject, 1, 100));
    uint64_t mark = changes_mark();
    changes_settled(mark - 1);
    assert_false(subjects_hold_position(&subject, 1, 100));
    change_placed(subject, 101, false);
    changes_settled(mark);
    assert_false(subjects_hold_position(&subject, 1, 100));
    assert_true(subjects_hold_position(&subject, 1, 101));
}

static void subjects_stand_between_spaces(void **state)
{
    uint64_t out[3];
    assert_int_equal(subject_keys("a bb ccc", out), 3);
    assert_int_equal(out[0], named("a"));
    assert_int_equal(out[1], named("bb"));
    assert_int_equal(out[2], named("ccc"));
    assert_int_equal(subject_keys("", out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given_until_a_subject_changes),
        cmocka_unit_test(not_kept_when_it_changed_while_it_was_read),
        cmocka_unit_test(bounded_the_least_used_goes_first),
        cmocka_unit_test(what_is_asked_for_once_takes_nobodys_place),
        cmocka_unit_test(the_same_key_again_takes_the_place),
        cmocka_unit_test(a_kept_position_holds_until_more_is_known),
        cmocka_unit_test(subjects_stand_between_spaces),
    };
    return cmocka_run_group_tests_name("track_cache", tests, NULL, NULL);
}
