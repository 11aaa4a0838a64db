#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "label/batch.h"

// A batch from a list, to a taker that does as the test says.

static const char page[] =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"60mm\" height=\"40mm\" viewBox=\"0 0 60 "
    "40\">"
    "<defs><rect id=\"n\" x=\"5\" y=\"30\" width=\"50\" height=\"6\"/></defs>"
    "<text id=\"number\" style=\"font-size:3px;font-family:'Noto "
    "Sans';shape-inside:url(#n)\">x</text>"
    "<rect id=\"qr_short\" x=\"1\" y=\"1\" width=\"28\" height=\"28\"/></svg>";

enum { SIZE = 3 };

struct taker {
    struct label_batch *batch;
    struct loop loop;
    int total, filled;
    int bad, refused; // places that have no code, and none at all; -1: none
    int wait_after;   // puts; 0: never
    int stop_after;
    int puts, most_drawn, turns;
    bool waits, done, whole;
    char problems[200];
    struct buf out;
};

static struct label_template *t;

static int set_up(void **state)
{
    struct label_fault fault;
    (void)state;
    t = label_template_parse("test", &label_words, page, strlen(page), &fault);
    return t ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    label_template_destroy(t);
    return 0;
}

static void fill(void *arg, struct label_part *part)
{
    struct taker *taker = arg;
    int *first = arena_alloc(&part->arena, sizeof *first);
    *first = taker->filled;
    taker->filled += SIZE;
    part->input = *first < taker->total ? first : NULL;
    label_batch_filled(part);
}

static void make(void *arg, struct label_part *part)
{
    const struct taker *taker = arg;
    int first = *(int *)part->input;
    for (int i = first; i < first + SIZE && i < taker->total; i++) {
        const char *name = arena_printf(&part->arena, "%d", i);
        struct label_data *data = arena_alloc(&part->arena, sizeof *data);
        data->field[LABEL_number] = name;
        data->code[LABEL_QR_SHORT] = i == taker->bad ? NULL : "HTTPS://HOSO.VN/T/RR123456785VN";
        if (i == taker->refused)
            label_part_refuse(part, name, "no");
        else
            label_part_add(part, name, data);
    }
}

static void go_on(void *arg)
{
    struct taker *taker = arg;
    if (taker->turns++ % 5 < 4) { // not in the next turn
        loop_post(&taker->loop, go_on, taker);
        return;
    }
    assert_false(taker->done);
    taker->waits = false;
    label_batch_go_on(taker->batch);
}

static enum label_put put(void *arg, const void *data, size_t len, int drawn)
{
    struct taker *taker = arg;
    assert_false(taker->waits); // nothing comes while it waits
    buf_add(&taker->out, data, len);
    taker->most_drawn = drawn;
    taker->puts++;
    if (taker->stop_after && taker->puts == taker->stop_after)
        return LABEL_PUT_STOP;
    if (taker->wait_after && taker->puts % taker->wait_after == 0) {
        taker->waits = true;
        loop_post(&taker->loop, go_on, taker);
        return LABEL_PUT_WAIT;
    }
    return LABEL_PUT_GO_ON;
}

static void problem(void *arg, const char *name, const char *what)
{
    struct taker *taker = arg;
    size_t len = strlen(taker->problems);
    snprintf(taker->problems + len, sizeof taker->problems - len, "%s: %.20s; ", name, what);
}

static void done(void *arg, bool whole)
{
    struct taker *taker = arg;
    assert_false(taker->done);
    assert_false(taker->waits); // what was put last is taken too
    taker->done = true;
    taker->whole = whole;
    loop_stop(&taker->loop);
}

static void run(struct taker *taker, enum label_format format, int parts, int threads, int queue)
{
    static const struct label_batch_calls calls = {fill, make, put, problem, done};
    struct work_crew *crew = work_create(threads, queue);
    assert_non_null(crew);
    assert_true(loop_init(&taker->loop, 0));
    struct label_batch_plan plan = {{t, 203, format}, &taker->loop, crew, parts, SIZE,
                                    &calls,           taker};
    taker->batch = label_batch_begin(&plan);
    loop_run(&taker->loop);
    work_destroy(crew);
    loop_finish(&taker->loop);
    assert_true(taker->done);
}

static int times(const struct buf *text, const char *what)
{
    int count = 0;
    const char *at = text->data, *end = text->data + text->len;
    for (; (at = memmem(at, (size_t)(end - at), what, strlen(what))); at += strlen(what))
        count++;
    return count;
}

static void test_all_come_whatever_the_crew(void **state)
{
    static const struct {
        int parts, threads, queue, wait_after;
    } rows[] = {{1, 1, 1, 0}, {2, 1, 4, 1}, {6, 1, 1, 0}, {6, 2, 1, 2}, {4, 3, 8, 3}};
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct taker taker = {
            .total = 20, .bad = -1, .refused = -1, .wait_after = rows[i].wait_after};
        run(&taker, LABEL_ZPL, rows[i].parts, rows[i].threads, rows[i].queue);
        assert_true(taker.whole);
        assert_int_equal(taker.most_drawn, 20);
        assert_int_equal(taker.puts, 7);
        assert_int_equal(times(&taker.out, "^XA"), 20);
        buf_finish(&taker.out);
    }
}

// Also of the document's end, which nobody but the batch knows to come.
static void test_what_waits_is_waited_for(void **state)
{
    (void)state;
    for (int after = 1; after < 4; after++) {
        struct taker taker = {.total = 9, .bad = -1, .refused = -1, .wait_after = after};
        run(&taker, LABEL_PDF, 3, 2, 8);
        assert_true(taker.whole);
        assert_int_equal(taker.puts, 4);
        assert_int_equal(times(&taker.out, "/Type /Page "), 9);
        assert_int_equal(times(&taker.out, "%%EOF"), 1);
        buf_finish(&taker.out);
    }
}

static void test_what_is_wrong_is_told_in_its_place(void **state)
{
    static const enum label_format formats[] = {LABEL_PDF, LABEL_TSPL};
    (void)state;
    for (size_t i = 0; i < countof(formats); i++) {
        struct taker taker = {.total = 8, .bad = 4, .refused = 1};
        run(&taker, formats[i], 4, 2, 8);
        assert_true(taker.whole);
        assert_int_equal(taker.most_drawn, 6);
        assert_memory_equal(taker.problems, "1: no; 4: ", 10);
        assert_int_equal(times(&taker.out, formats[i] == LABEL_PDF ? "/Type /Page " : "PRINT 1,1"),
                         6);
        buf_finish(&taker.out);
    }
}

static void test_none_at_all_is_an_empty_stream(void **state)
{
    static const int totals[] = {0, 1};
    (void)state;
    for (size_t i = 0; i < countof(totals); i++) {
        struct taker taker = {.total = totals[i], .bad = 0, .refused = -1};
        run(&taker, LABEL_PDF, 2, 1, 4);
        assert_true(taker.whole);
        assert_int_equal(taker.out.len, 0);
    }
}

static void test_a_taker_that_has_enough_ends_it(void **state)
{
    (void)state;
    for (int after = 1; after < 4; after++) {
        struct taker taker = {.total = 3000, .bad = -1, .refused = -1, .stop_after = after};
        run(&taker, LABEL_PDF, 3, 2, 8);
        assert_false(taker.whole);
        assert_int_equal(taker.puts, after);
        assert_in_range(taker.filled, SIZE, SIZE * (after + 4));
        buf_finish(&taker.out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_come_whatever_the_crew),
        cmocka_unit_test(test_what_waits_is_waited_for),
        cmocka_unit_test(test_what_is_wrong_is_told_in_its_place),
        cmocka_unit_test(test_none_at_all_is_an_empty_stream),
        cmocka_unit_test(test_a_taker_that_has_enough_ends_it),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
