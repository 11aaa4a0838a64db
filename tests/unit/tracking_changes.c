// What changed is never forgotten, and what did not is hardly ever suspected: against a model that
// remembers everything.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "tracking/track_changes.h"

enum { SUBJECTS = 1000000, CHANGES = 1500000, LATELY = 200000, TRIES = 300000 };

static struct {
    uint64_t key, changed, waits;
    int64_t placed;
} * model;

static uint64_t seed = 20261127;

static uint32_t chance(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

static void change(int64_t position)
{
    uint32_t at = chance(SUBJECTS);
    if (chance(2)) {
        change_waits(model[at].key, true);
        model[at].waits = model[at].changed = changes_mark();
    } else {
        change_placed(model[at].key, position, true);
        model[at].placed = position;
        model[at].changed = changes_mark();
    }
}

static int set_up(void **state)
{
    model = calloc(SUBJECTS, sizeof *model);
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        char number[16];
        int len = snprintf(number, sizeof number, "RR%09uVN", i * 7);
        model[i].key = subject_key(number, (size_t)len);
    }
    return model == NULL;
}

static int tear_down(void **state)
{
    free(model);
    return 0;
}

static void what_changed_is_never_forgotten(void **state)
{
    uint64_t lately = 0;
    int64_t position_lately = 0;
    for (int64_t i = 1; i <= CHANGES; i++) {
        change(i);
        if (i == CHANGES - LATELY) {
            lately = changes_mark();
            position_lately = i;
            changes_settled(lately);
        }
    }
    int unchanged = 0, suspected = 0;
    for (int i = 0; i < TRIES; i++) {
        uint32_t at = chance(SUBJECTS);
        uint64_t mark = lately - 1000000 + chance(1200000);
        if (model[at].changed > mark)
            assert_false(subjects_hold(&model[at].key, 1, mark));
        bool waits = model[at].waits > lately, placed = model[at].placed > position_lately;
        if (waits || placed)
            assert_false(subjects_hold_position(&model[at].key, 1, position_lately));
        if (model[at].changed <= lately) {
            unchanged++;
            suspected += !subjects_hold(&model[at].key, 1, lately);
        }
    }
    assert_true(unchanged > TRIES / 2);
    assert_true(suspected * 100 < unchanged);
}

static void all_may_change_at_once(void **state)
{
    uint64_t mark = changes_mark(), one = subject_key("RR1", 3);
    assert_true(subjects_hold(&one, 1, mark));
    changes_all();
    assert_false(subjects_hold(&one, 1, mark));
    assert_true(subjects_hold(&one, 1, changes_mark()));
    assert_true(subjects_hold(&one, 0, changes_mark()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changed_is_never_forgotten),
        cmocka_unit_test(all_may_change_at_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
