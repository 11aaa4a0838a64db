// The map of the journey: which places stand on it, that nothing lies on anything else, and what
// was travelled and what is still to go.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "tracking/track_map.h"

#define OFFICE      "{\"name\":\"Bưu cục <A>\",\"province\":\"Thành phố Huế\",\"at\":[107.584,16.456]}"
#define HUB         "{\"name\":\"Trung tâm B\",\"province\":\"Thành phố Huế\",\"at\":[107.635,16.421]}"
#define AGENCY      "{\"name\":\"Một cửa C\",\"province\":\"Thành phố Huế\",\"at\":[107.687,16.281]}"
#define NEXT        "{\"name\":\"Bưu cục D\",\"province\":\"Thành phố Huế\",\"at\":[107.584,16.457]}"
#define FAR         "{\"name\":\"Bưu cục E\",\"province\":\"Tỉnh Cà Mau\",\"at\":[105.15,9.18]}"
#define NOWHERE     "{\"name\":\"Bưu cục F\",\"province\":\"Tỉnh Cà Mau\"}"
#define SEEN(place) "{\"at\":\"2026-11-20T10:00:00+07:00\",\"place\":" place "}"

static struct buf drawn(const char *json)
{
    struct buf out = {0};
    json_t *view = json_loads(json, 0, NULL);
    assert_non_null(view);
    buf_reserve(&out, 1);
    out.data[0] = '\0';
    track_map(&out, view);
    json_decref(view);
    return out;
}

static int count(const char *text, const char *what)
{
    int found = 0;
    for (; (text = strstr(text, what)); text += strlen(what))
        found++;
    return found;
}

// The whole element of this class.
static const char *path(const char *text, const char *name, char out[2000])
{
    const char *from = strstr(text, name), *end = from ? strstr(from, "\"/>") : NULL;
    snprintf(out, 2000, "%.*s", end ? (int)(end - from) : 0, end ? from : "");
    return out;
}

static void tells_the_way_there(void **unused)
{
    char d[2000];
    (void)unused;
    struct buf out = drawn("{\"timeline\":[" SEEN(HUB) "," SEEN(HUB) "," SEEN(
        OFFICE) "],\"place\":" HUB ",\"to\":" AGENCY "}");
    assert_int_equal(count(out.data, "<rect"), 3);
    assert_int_equal(count(path(out.data, "class=\"went\"", d), "Q"), 1);
    assert_int_equal(count(path(out.data, "class=\"ahead\"", d), "Q"), 1);
    assert_non_null(strstr(out.data,
                           "<li class=\"past\"><b>1</b><span>Bưu cục &lt;A&gt;, Thành phố "
                           "Huế"));
    assert_non_null(strstr(out.data, "<li class=\"here\"><b>2</b><span>Trung tâm B"));
    assert_non_null(strstr(out.data, "<li class=\"next\"><b>3</b><span>Một cửa C"));
    assert_non_null(strstr(out.data, "role=\"img\" aria-label=\"Bản đồ 3 nơi"));
    assert_non_null(strstr(out.data, "5 km</text>"));
    buf_finish(&out);
}

static void the_way_back_is_a_line_of_its_own(void **unused)
{
    char d[2000];
    (void)unused;
    struct buf out = drawn("{\"timeline\":[" SEEN(OFFICE) "," SEEN(HUB) "," SEEN(OFFICE) "," SEEN(
        HUB) "," SEEN(OFFICE) "],\"place\":null}");
    assert_int_equal(count(path(out.data, "class=\"went\"", d), "Q"), 2); // each direction once
    assert_int_equal(count(out.data, "<rect"), 2);
    assert_non_null(strstr(out.data, "<li class=\"here\"><b>1</b>"));
    assert_null(strstr(out.data, "ahead"));
    buf_finish(&out);
}

static void says_nothing_where_nothing_is_known(void **unused)
{
    static const char *const views[] = {
        "{}",
        "{\"timeline\":[],\"place\":null,\"to\":null}",
        "{\"timeline\":[" SEEN(OFFICE) "],\"place\":" OFFICE "}",
        "{\"timeline\":[" SEEN(OFFICE) "," SEEN(NOWHERE) "],\"place\":" NOWHERE "}",
        "{\"timeline\":[" SEEN(OFFICE) "],\"place\":" NEXT "}", // a hundred metres
        "{\"place\":{\"name\":\"x\",\"at\":[1]},\"to\":{\"name\":\"y\",\"at\":[\"a\",\"b\"]}}",
        "{\"place\":{\"name\":\"x\",\"at\":[1e300,1]},\"to\":{\"name\":\"y\",\"at\":[1,-1e300]}}",
        "{\"to\":" AGENCY "}",
    };
    (void)unused;
    for (size_t i = 0; i < countof(views); i++) {
        struct buf out = drawn(views[i]);
        assert_string_equal(out.data, "");
        buf_finish(&out);
    }
}

// Every mark inside the drawing and apart from every other, wherever the places lie.
static void check_marks(const char *svg)
{
    double box[12][4], high = 0;
    int marks = 0;
    assert_int_equal(sscanf(strstr(svg, "viewBox"), "viewBox=\"0 0 320 %lf\"", &high), 1);
    for (const char *at = svg; (at = strstr(at, "<rect")); at++, marks++) {
        double *b = box[marks];
        assert_int_equal(sscanf(at, "<rect x=\"%lf\" y=\"%lf\" width=\"%lf\" height=\"%lf\"", &b[0],
                                &b[1], &b[2], &b[3]),
                         4);
        assert_true(b[0] >= 0 && b[0] + b[2] <= 320 && b[1] >= 0 && b[1] + b[3] <= high);
        for (int i = 0; i < marks; i++)
            assert_true(b[0] >= box[i][0] + box[i][2] || box[i][0] >= b[0] + b[2] ||
                        b[1] >= box[i][1] + box[i][3] || box[i][1] >= b[1] + b[3]);
    }
    assert_true(marks >= 2 && marks <= 12);
    assert_null(strstr(svg, "nan"));
    assert_null(strstr(svg, "inf"));
}

static void no_mark_lies_on_another(void **unused)
{
    (void)unused;
    srand(6);
    for (int round = 0; round < 3000; round++) {
        json_t *view = json_pack("{s:[], s:n}", "timeline", "place");
        double span = pow(10, rand() % 5 - 3);
        for (int i = 0, places = 2 + rand() % 20; i < places; i++) {
            char name[8];
            snprintf(name, sizeof name, "%d", i);
            json_array_append_new(json_object_get(view, "timeline"),
                                  json_pack("{s:{s:s, s:s, s:[f,f]}}", "place", "name", name,
                                            "province", "p", "at", 105 + span * rand() / RAND_MAX,
                                            15 + span * rand() / RAND_MAX));
        }
        struct buf out = {0};
        track_map(&out, view);
        if (out.len)
            check_marks(out.data);
        json_decref(view);
        buf_finish(&out);
    }
}

static void the_whole_country_fits(void **unused)
{
    (void)unused;
    struct buf out = drawn("{\"timeline\":[" SEEN(OFFICE) "," SEEN(NEXT) "],\"place\":" FAR "}");
    check_marks(out.data);
    assert_non_null(strstr(out.data, ">1·2</text>"));
    assert_non_null(strstr(out.data, "200 km</text>"));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_way_there),
        cmocka_unit_test(the_way_back_is_a_line_of_its_own),
        cmocka_unit_test(says_nothing_where_nothing_is_known),
        cmocka_unit_test(no_mark_lies_on_another),
        cmocka_unit_test(the_whole_country_fits),
    };
    return cmocka_run_group_tests_name("track_map", tests, NULL, NULL);
}
