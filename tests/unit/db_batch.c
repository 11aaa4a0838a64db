#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/loop.h"
#include "db/db.h"
#include "db/pool.h"

// The batcher alone: this pool keeps what it is given until the test answers.

enum { CALLS = 64 };

static struct {
    db_done *done;
    void *arg;
} calls[CALLS];
static int call_count;
static struct loop loop;
static bool is_ready = true;

void pool_call(struct db *db, const struct db_stmt *stmt, struct db_params *params, db_done *done,
               void *arg)
{
    (void)db, (void)stmt;
    calls[call_count].done = done;
    calls[call_count++].arg = arg;
    db_params_finish(params);
}

struct loop *pool_loop(const struct db *db)
{
    (void)db;
    return &loop;
}

bool db_ready(const struct db *db)
{
    (void)db;
    return is_ready;
}

static char encoded[CALLS][200]; // the values of each call, "a1 b2 "
static char answered[400];       // "a1:0 " value and err, in order of answers

struct item {
    struct db_batch_item item;
    int n;
};

static void encode(struct db_params *p, struct db_batch_item *const *items, int count)
{
    (void)p;
    char *out = encoded[call_count];
    out[0] = 0;
    for (int i = 0; i < count; i++)
        snprintf(out + strlen(out), 200 - strlen(out), "%s%d ", items[i]->key,
                 ((const struct item *)items[i])->n);
}

static void done(struct db_batch_item *item, const struct db_result *result, int row)
{
    (void)row;
    snprintf(answered + strlen(answered), sizeof answered - strlen(answered), "%s%d:%d ", item->key,
             ((struct item *)item)->n, (int)result->err);
}

static const struct db_stmt stmt = {"put", "", true};
static const struct db_batch_kind kind = {&stmt, 4, encode, done};
static struct db_batch *batch;
static struct item items[32];

static int begin(void **state)
{
    (void)state;
    conf.database_queue = 16;
    call_count = 0;
    answered[0] = 0;
    is_ready = true;
    if (!loop_init(&loop, 0))
        return -1;
    batch = db_batch_create(NULL, &kind);
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_batch_destroy(batch);
    loop_finish(&loop);
    return 0;
}

static bool submit(int i, char key)
{
    items[i] = (struct item){.n = i};
    items[i].item.key[0] = key;
    return db_batch_submit(batch, &items[i].item);
}

static void turn(void)
{
    event_base_loop(loop.base, EVLOOP_NONBLOCK);
}

static void reply_result(int call, const struct db_result *result)
{
    calls[call].done(calls[call].arg, result);
}

static void reply(int call, enum err err)
{
    struct db_result result = {.err = err};
    reply_result(call, &result);
}

static void test_starts_at_the_end_of_the_turn(void **state)
{
    (void)state;
    assert_true(submit(1, 'c') && submit(2, 'a') && submit(3, 'b'));
    assert_int_equal(call_count, 0);
    turn();
    assert_int_equal(call_count, 1);
    assert_string_equal(encoded[0], "a2 b3 c1 "); // in order of key
    assert_true(submit(4, 'x'));
    turn();
    assert_int_equal(call_count, 1); // one at a time
    reply(0, ERR_BUSY);
    turn();
    assert_string_equal(encoded[1], "x4 ");
    reply(1, ERR_BUSY);
}

static void test_equal_keys_wait_and_big_batches_split(void **state)
{
    (void)state;
    for (int i = 1; i <= 3; i++)
        assert_true(submit(i, 'a'));
    for (int i = 4; i <= 8; i++)
        assert_true(submit(i, (char)('b' + i)));
    turn();
    assert_string_equal(encoded[0], "a1 f4 g5 h6 ");
    reply(0, ERR_BUSY);
    turn();
    assert_string_equal(encoded[1], "a2 i7 j8 ");
    reply(1, ERR_BUSY);
    assert_true(submit(9, 'a'));
    turn();
    assert_string_equal(encoded[2], "a3 ");
    reply(2, ERR_BUSY);
    turn();
    assert_string_equal(encoded[3], "a9 ");
    reply(3, ERR_BUSY);
}

static void test_a_raised_batch_goes_item_by_item(void **state)
{
    (void)state;
    assert_true(submit(1, 'a') && submit(2, 'b') && submit(3, 'a'));
    turn();
    reply(0, ERR_INTERNAL);
    assert_int_equal(call_count, 3);
    assert_string_equal(encoded[1], "a1 ");
    assert_string_equal(encoded[2], "b2 ");
    assert_string_equal(answered, "");
    reply(1, ERR_NOT_FOUND);
    turn();
    assert_int_equal(call_count, 3); // the second item is still out
    reply(2, ERR_BUSY);
    turn();
    assert_string_equal(encoded[3], "a3 ");
    reply(3, ERR_INTERNAL); // alone already: no third try
    char wanted[40];
    snprintf(wanted, sizeof wanted, "a1:%d b2:%d a3:%d ", ERR_NOT_FOUND, ERR_BUSY, ERR_INTERNAL);
    assert_string_equal(answered, wanted);
}

static void test_a_locked_row_keeps_nobody_else_out(void **state)
{
    const struct db_result locked = {.err = ERR_BUSY, .locked = true};
    char wanted[40];
    (void)state;
    assert_true(submit(1, 'a') && submit(2, 'b'));
    turn();
    reply_result(0, &locked);
    assert_int_equal(call_count, 3);
    assert_string_equal(answered, "");
    reply(1, ERR_NOT_FOUND);
    reply_result(2, &locked); // alone already: no third try
    snprintf(wanted, sizeof wanted, "a1:%d b2:%d ", ERR_NOT_FOUND, ERR_BUSY);
    assert_string_equal(answered, wanted);
    assert_int_equal(call_count, 3);
}

// A full disk, say: each of them would meet it again.
static void test_what_is_no_items_fault_is_not_tried_singly(void **state)
{
    (void)state;
    assert_true(submit(1, 'a') && submit(2, 'b'));
    turn();
    reply(0, ERR_BUSY);
    assert_int_equal(call_count, 1);
}

static void test_unknown_outcomes_are_not_repeated(void **state)
{
    char wanted[40];
    (void)state;
    assert_true(submit(1, 'a') && submit(2, 'b'));
    turn();
    reply(0, ERR_OUTCOME_UNKNOWN);
    snprintf(wanted, sizeof wanted, "a1:%d b2:%d ", ERR_OUTCOME_UNKNOWN, ERR_OUTCOME_UNKNOWN);
    assert_string_equal(answered, wanted);
    assert_int_equal(call_count, 1);
}

static void test_no_database_answers_who_waits_too(void **state)
{
    (void)state;
    assert_true(submit(1, 'a') && submit(2, 'a'));
    turn();
    is_ready = false;
    reply(0, ERR_BUSY);
    char wanted[40];
    snprintf(wanted, sizeof wanted, "a1:%d a2:%d ", ERR_BUSY, ERR_BUSY);
    assert_string_equal(answered, wanted);
}

// Turns the loop until its clock has looked after what waits.
static void tick(void)
{
    struct timeval beat = {0, POOL_TICK + 50000};
    event_base_loopexit(loop.base, &beat);
    event_base_dispatch(loop.base);
}

static void test_nobody_waits_behind_a_batch_for_ever(void **state)
{
    char wanted[40];
    (void)state;
    assert_true(submit(1, 'a'));
    turn();
    assert_true(submit(2, 'a') && submit(3, 'b') && submit(4, 'c'));
    int64_t left = items[2].item.deadline - clock_monotonic();
    assert_true(left > POOL_PATIENCE - 1000000 && left <= POOL_PATIENCE);
    tick();
    assert_string_equal(answered, "");
    items[2].item.deadline -= POOL_PATIENCE;
    items[3].item.deadline -= POOL_PATIENCE;
    tick();
    snprintf(wanted, sizeof wanted, "a2:%d b3:%d ", ERR_BUSY, ERR_BUSY);
    assert_string_equal(answered, wanted);
    items[4].item.deadline -= POOL_PATIENCE;
    tick();
    assert_true(submit(5, 'd')); // the queue is whole after its last was taken out
    reply(0, ERR_NOT_FOUND);
    turn();
    assert_string_equal(encoded[1], "d5 ");
    reply(1, ERR_BUSY);
}

static void test_no_more_than_the_queue(void **state)
{
    (void)state;
    for (int i = 0; i < 16; i++)
        assert_true(submit(i, 'a'));
    assert_false(submit(16, 'b'));
    turn();
    assert_true(submit(17, 'b')); // one has left the queue
    reply(0, ERR_BUSY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_starts_at_the_end_of_the_turn, begin, end),
        cmocka_unit_test_setup_teardown(test_equal_keys_wait_and_big_batches_split, begin, end),
        cmocka_unit_test_setup_teardown(test_a_raised_batch_goes_item_by_item, begin, end),
        cmocka_unit_test_setup_teardown(test_a_locked_row_keeps_nobody_else_out, begin, end),
        cmocka_unit_test_setup_teardown(test_what_is_no_items_fault_is_not_tried_singly, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_unknown_outcomes_are_not_repeated, begin, end),
        cmocka_unit_test_setup_teardown(test_no_database_answers_who_waits_too, begin, end),
        cmocka_unit_test_setup_teardown(test_nobody_waits_behind_a_batch_for_ever, begin, end),
        cmocka_unit_test_setup_teardown(test_no_more_than_the_queue, begin, end),
    };
    return cmocka_run_group_tests_name("db_batch", tests, NULL, NULL);
}
