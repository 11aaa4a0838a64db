// Answers as the database keeps them: whole again, small, and never taken for one when they are
// not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tracking/track_cache.h"
#include "tracking/track_changes.h"
#include "tracking/track_pack.h"

static const char view[] =
    "{\"to\": null, \"tag\": \"df21dd60d0bc96c4\", \"code\": \"000.00.16.H40-261127-0001\", "
    "\"next\": "
    "{\"en\": \"The delivery office brings it to you.\", \"vi\": \"Bưu cục phát giao kết quả.\"}, "
    "\"place\": {\"name\": \"Bưu cục Phú Xuân\", \"name_en\": \"Phú Xuân Post Office\"}}";
static const char subjects[] =
    "0199f5a0-0000-7000-8000-000000000001 RR123456785VN VNHUIAVNDADAAUN60001";

static struct buf packed_of(const char *tag, const char *about, const char *text, size_t len)
{
    struct buf out = {0};
    track_pack(&out, tag, about, text, len);
    return out;
}

static void whole_again(void **state)
{
    struct buf out = packed_of("df21dd60d0bc96c4", subjects, view, strlen(view));
    struct track_answer *one = track_unpack(out.data, out.len);
    assert_non_null(one);
    assert_string_equal(one->tag, "df21dd60d0bc96c4");
    assert_int_equal(one->json.len, strlen(view));
    assert_string_equal(one->json.data, view);
    assert_int_equal(one->count, 3);
    assert_int_equal(one->subjects[1], subject_key("RR123456785VN", 13));
    assert_true(out.len < strlen(view) * 2 / 3);
    track_answer_release(one);
    buf_finish(&out);
}

static void any_size(void **state)
{
    for (size_t len = 0; len <= 300000; len = len * 3 + 1) {
        char *text = malloc(len + 1);
        for (size_t i = 0; i < len; i++)
            text[i] = (char)('a' + rand() % 26);
        text[len] = '\0';
        struct buf out = packed_of("t", len % 2 ? "A" : "", text, len);
        struct track_answer *one = track_unpack(out.data, out.len);
        assert_non_null(one);
        assert_int_equal(one->count, len % 2);
        assert_int_equal(one->json.len, len);
        assert_memory_equal(one->json.data, text, len);
        track_answer_release(one);
        buf_finish(&out);
        free(text);
    }
}

static void too_long_is_never_read(void **state)
{
    size_t len = 2 * TRACK_VIEW_MAX;
    char *text = calloc(1, len);
    struct buf out = packed_of("t", "A", text, len);
    assert_null(track_unpack(out.data, out.len));
    buf_finish(&out);
    free(text);
}

// Cut anywhere, or with any byte changed: either refused, or an answer of the same length whose
// subjects can be read; never beyond its memory (the sanitizers look on).
static void damaged(void **state)
{
    struct buf out = packed_of("df21dd60d0bc96c4", subjects, view, strlen(view));
    for (size_t len = 0; len < out.len; len++)
        assert_null(track_unpack(out.data, len));
    int refused = 0;
    for (int i = 0; i < 20000; i++) {
        char *copy = malloc(out.len);
        memcpy(copy, out.data, out.len);
        copy[(size_t)rand() % out.len] ^= (char)(1 + rand() % 255);
        struct track_answer *one = track_unpack(copy, out.len);
        if (one)
            assert_int_equal(strlen(one->tag), strnlen(one->tag, TRACK_TAG - 1));
        refused += one == NULL;
        track_answer_release(one);
        free(copy);
    }
    assert_true(refused > 0);
    buf_finish(&out);
}

static void another_dictionary(void **state)
{
    struct buf out = packed_of("df21dd60d0bc96c4", subjects, view, strlen(view));
    out.data[2 + 5] ^= 1; // the frame's header tells which it was packed with
    assert_null(track_unpack(out.data, out.len));
    assert_null(track_unpack("no frame at all, but long enough", 32));
    buf_finish(&out);
}

static void *turn(void *arg)
{
    for (int i = 0; i < 200; i++)
        whole_again(NULL);
    return arg;
}

static void by_many_threads(void **state)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, turn, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_again),
        cmocka_unit_test(any_size),
        cmocka_unit_test(too_long_is_never_read),
        cmocka_unit_test(damaged),
        cmocka_unit_test(another_dictionary),
        cmocka_unit_test(by_many_threads),
    };
    return cmocka_run_group_tests_name("tracking_pack", tests, NULL, NULL);
}
