// The tracking page: what people type is escaped, and any view, also a poor one, gives a page.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/compiler.h"
#include "base/conf.h"
#include "tracking/track_page.h"

static const char whole[] =
    "{\"code\":\"000.00.16.H57-261124-0001\",\"status\":{\"code\":4,\"name\":\"Đang xử lý\","
    "\"name_en\":\"Being processed\"},\"stage\":{\"code\":\"processing\",\"step\":4,\"tone\":"
    "\"ok\",\"vi\":\"Cơ quan đang giải quyết hồ sơ.\",\"en\":\"The agency is working on it.\"},"
    "\"next\":{\"vi\":\"Ra kết quả.\",\"en\":\"A result.\"},\"place\":{\"name\":\"A & <B>\","
    "\"province\":\"Huế\",\"moving\":false},\"filed_at\":\"2026-02-13T02:00:00+00:00\",\"due_at\":"
    "\"2026-02-25T17:00:00+07:00\",\"clock\":\"running\",\"tag\":\"00c0ffee00c0ffee\","
    "\"shipments\":[{"
    "\"number\":\"RR123456785VN\",\"leg\":\"outward\",\"leg_vi\":\"Gửi\",\"leg_en\":\"Out\","
    "\"state\":\"delivered\",\"state_vi\":\"Đã phát\",\"state_en\":\"Delivered\"}],\"timeline\":[{"
    "\"at\":\"2026-02-13T02:00:00.5+00:00\",\"vi\":\"Đã đến\",\"en\":\"Arrived\",\"place\":null}]}";

static void tells_everything(void **unused)
{
    struct buf out = {0};
    json_t *view = json_loads(whole, 0, NULL);
    (void)unused;
    track_page(&out, view, "RR123456785VN");
    assert_non_null(strstr(out.data, "Cơ quan đang giải quyết hồ sơ."));
    assert_non_null(strstr(out.data, "A &amp; &lt;B&gt;, Huế"));
    assert_non_null(strstr(out.data, "13/02/2026 09:00"));
    assert_non_null(strstr(out.data, "<strong>25/02/2026 17:00</strong>"));
    assert_non_null(strstr(out.data, "RR 12345678 5 VN"));
    assert_non_null(strstr(out.data, "data-tag=\"00c0ffee00c0ffee\""));
    assert_non_null(strstr(out.data, "class=\"here\" aria-current=\"step\""));
    assert_null(strstr(out.data, "RR123456785VN")); // what was typed
    assert_null(strstr(out.data, "{{"));
    assert_non_null(strstr(out.data, ">https://hoso.vn/t/000.00.16.H57-261124-0001</a>"));
    assert_non_null(strstr(out.data, "<div class=\"qr\""));
    buf_reset(&out);
    track_text(&out, view, NULL);
    assert_null(strstr(out.data, "<span"));
    assert_non_null(strstr(out.data, "Hẹn trả: 25/02/2026 17:00."));
    json_decref(view);
    buf_finish(&out);
}

// What other parts of the service may add to a view.
static void tells_what_is_expected(void **unused)
{
    static const struct {
        const char *expected, *told;
    } rows[] = {
        {"{\"leg\":\"result\",\"by_50\":\"2026-11-28\",\"by_90\":\"2026-12-01\",\"basis\":"
         "\"lane\"}",
         "Dự kiến giao <span class=\"en\" lang=\"en\">Expected</span></dt><dd><strong>28/11 – "
         "01/12/2026</strong>"},
        {"{\"leg\":\"outward\",\"by_50\":\"2026-12-30\",\"by_90\":\"2027-01-02\"}",
         "<strong>30/12/2026 – 02/01/2027</strong>"},
        {"{\"leg\":\"result\",\"by_50\":\"2026-12-01\",\"by_90\":\"2026-12-01\"}",
         "<strong>01/12/2026</strong>"},
        {"{\"leg\":\"result\",\"by_50\":null,\"by_90\":\"2026-12-01\"}",
         "<strong>01/12/2026</strong>"},
        {"{\"leg\":\"result\",\"by_50\":\"<b>\",\"by_90\":\"2026-12-1\"}", NULL},
        {"null", NULL},
    };
    (void)unused;
    for (size_t i = 0; i < countof(rows); i++) {
        struct buf page = {0}, text = {0};
        json_t *view = json_loads(whole, 0, NULL);
        json_object_set_new(view, "expected", json_loads(rows[i].expected, JSON_DECODE_ANY, NULL));
        track_page(&page, view, NULL);
        track_text(&text, view, NULL);
        if (rows[i].told)
            assert_non_null(strstr(page.data, rows[i].told));
        assert_int_equal(rows[i].told != NULL, strstr(page.data, "Dự kiến") != NULL);
        assert_int_equal(rows[i].told != NULL, strstr(text.data, "\nDự kiến") != NULL);
        json_decref(view);
        buf_finish(&page);
        buf_finish(&text);
    }
}

static void counts_each_clock(void **unused)
{
    struct buf out = {0};
    json_t *view = json_loads(whole, 0, NULL);
    (void)unused;
    json_object_set_new(view, "days",
                        json_pack("{s:i, s:i, s:n}", "agency", 5, "post", 1, "waiting"));
    track_page(&out, view, NULL);
    assert_non_null(strstr(out.data, "5 ngày <span class=\"en\" lang=\"en\">days</span>"));
    assert_non_null(strstr(out.data, "1 ngày <span class=\"en\" lang=\"en\">day</span>"));
    assert_null(strstr(out.data, "Chờ quý vị"));
    json_decref(view);
    buf_finish(&out);
}

// Its bytes are kept for everybody who asks.
static void depends_on_the_view_alone(void **unused)
{
    static const char *const typed[] = {"000.00.16.H57-261124-0001", "rr 12345678 5 vn", "<", NULL};
    struct buf first = {0}, again = {0};
    json_t *view = json_loads(whole, 0, NULL);
    (void)unused;
    track_page(&first, view, "RR123456785VN");
    for (size_t i = 0; i < countof(typed); i++) {
        buf_reset(&again);
        track_page(&again, view, typed[i]);
        assert_string_equal(first.data, again.data);
    }
    json_decref(view);
    buf_finish(&first);
    buf_finish(&again);
}

// Views that lack what they always have, and members of other kinds than they should be.
static void a_poor_view_gives_a_page(void **unused)
{
    static const char *const views[] = {
        "{}",
        "{\"code\":\"X\",\"timeline\":[{}],\"shipments\":[{}],\"place\":{},\"stage\":{},\"days\":{}"
        "}",
        "{\"code\":1,\"timeline\":{},\"shipments\":[1],\"place\":[],\"stage\":[],\"days\":1,"
        "\"expected\":1,\"to\":1,\"grouped\":[1],\"due_at\":\"never\"}",
    };
    (void)unused;
    for (size_t i = 0; i < countof(views); i++) {
        struct buf out = {0};
        json_t *view = json_loads(views[i], 0, NULL);
        track_page(&out, view, NULL);
        assert_non_null(strstr(out.data, "</html>"));
        assert_null(strstr(out.data, "(null)"));
        track_text(&out, view, NULL);
        assert_null(strstr(out.data, "(null)"));
        json_decref(view);
        buf_finish(&out);
    }
}

static void escapes_what_was_typed(void **unused)
{
    struct buf out = {0};
    (void)unused;
    track_page(&out, NULL, "<script>alert(1)</script>\"'&");
    assert_null(strstr(out.data, "<script>alert"));
    assert_non_null(strstr(out.data, "&lt;script&gt;"));
    buf_finish(&out);
}

int main(void)
{
    conf.public_url = "https://hoso.vn";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_everything),         cmocka_unit_test(tells_what_is_expected),
        cmocka_unit_test(counts_each_clock),        cmocka_unit_test(depends_on_the_view_alone),
        cmocka_unit_test(a_poor_view_gives_a_page), cmocka_unit_test(escapes_what_was_typed),
    };
    return cmocka_run_group_tests_name("track_page", tests, NULL, NULL);
}
