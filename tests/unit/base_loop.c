#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/loop.h"

static struct loop loop;
static char order[64];
static atomic_int jobs;
static int done_count;
static char digits[] = "1234";

static void add_letter(void *arg)
{
    size_t len = strlen(order);
    order[len] = *(const char *)arg;
    order[len + 1] = '\0';
}

static void stop(void *arg)
{
    (void)arg;
    loop_stop(&loop);
}

static void post_and_defer(void *arg)
{
    (void)arg;
    loop_defer(&loop, add_letter, &digits[2]);
    loop_defer(&loop, add_letter, &digits[3]);
    add_letter(&digits[1]);
    loop_defer(&loop, stop, NULL);
}

static void test_posts_in_order_then_deferred(void **state)
{
    (void)state;
    loop_post(&loop, add_letter, &digits[0]);
    loop_post(&loop, post_and_defer, NULL);
    loop_run(&loop);
    assert_string_equal(order, "1234");
}

static void job(void *arg)
{
    (void)arg;
    usleep(1000);
    atomic_fetch_add(&jobs, 1);
}

static void job_done(void *arg)
{
    if (++done_count == *(int *)arg)
        loop_stop(&loop);
}

static void test_crew_is_bounded_and_reports_on_the_loop(void **state)
{
    (void)state;
    struct work_crew *crew = work_create(2, 5);
    int accepted = 0;
    for (int i = 0; i < 100; i++)
        accepted += work_submit(crew, &loop, job, job_done, &accepted);
    assert_in_range(accepted, 5, 50);
    loop_run(&loop);
    assert_int_equal(jobs, accepted);
    work_destroy(crew);
    work_destroy(NULL);
}

static int set_up(void **state)
{
    (void)state;
    return loop_init(&loop, 0) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    loop_finish(&loop);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_posts_in_order_then_deferred),
        cmocka_unit_test(test_crew_is_bounded_and_reports_on_the_loop),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
