// The tracking page: what people type is escaped, and any view, also a poor one, gives a page.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "dossier/track_page.h"

static const char whole[] =
    "{\"code\":\"000.00.16.H57-261124-0001\",\"status\":{\"code\":4,\"name\":\"Đang xử lý\","
    "\"name_en\":\"Being processed\"},\"stage\":{\"code\":\"processing\",\"step\":4,\"tone\":"
    "\"ok\",\"vi\":\"Cơ quan đang giải quyết hồ sơ.\",\"en\":\"The agency is working on it.\"},"
    "\"next\":{\"vi\":\"Ra kết quả.\",\"en\":\"A result.\"},\"place\":{\"name\":\"A & <B>\","
    "\"province\":\"Huế\",\"moving\":false},\"filed_at\":\"2026-02-13T02:00:00+00:00\",\"due_at\":"
    "\"2026-02-25T17:00:00+07:00\",\"clock\":\"running\",\"position\":42,\"shipments\":[{"
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
    assert_non_null(strstr(out.data, "data-position=\"42\""));
    assert_non_null(strstr(out.data, "class=\"here\" aria-current=\"step\""));
    assert_null(strstr(out.data, "{{"));
    buf_reset(&out);
    track_text(&out, view, NULL);
    assert_null(strstr(out.data, "<span"));
    assert_non_null(strstr(out.data, "Hẹn trả: 25/02/2026 17:00."));
    json_decref(view);
    buf_finish(&out);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_everything),
        cmocka_unit_test(escapes_what_was_typed),
    };
    return cmocka_run_group_tests_name("track_page", tests, NULL, NULL);
}
