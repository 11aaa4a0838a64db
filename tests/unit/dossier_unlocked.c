// The second factor's people: which digits count, what is shown of them, and the pages around it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "dossier/unlock_page.h"
#include "dossier/unlocked.h"

static json_t *person(const char *phone)
{
    return json_pack("{s:{s:s, s:s, s:{s:s}}}", "applicant", "name", "Nguyễn Văn An", "phone",
                     phone, "address", "line", "12 Lê Lợi");
}

static void last_four_however_written(void **unused)
{
    static const char *const rows[][2] = {{"0905 000 123", "0123"},
                                          {"+84-905.000.12 3", "0123"},
                                          {"12345678", "5678"},
                                          {"none", "----"},
                                          {"", "----"},
                                          {"12", "--12"}};
    char digits[PHONE_DIGITS + 1];
    (void)unused;
    for (size_t i = 0; i < countof(rows); i++) {
        json_t *personal = person(rows[i][0]);
        unlocked_phone(personal, digits);
        assert_string_equal(digits, rows[i][1]);
        json_decref(personal);
    }
    unlocked_phone(NULL, digits);
    assert_string_equal(digits, "----");
}

static void people_are_masked(void **unused)
{
    struct arena arena;
    json_t *view = json_pack("{s:{s:s}}", "result", "kind", "address");
    json_t *personal = person("0905000123");
    (void)unused;
    arena_init(&arena);
    json_object_set_new(personal, "result_to",
                        json_pack("{s:s, s:s}", "kind", "address", "name", "Trần Bình"));
    unlocked_join(&arena, view, personal);
    char *text = json_dumps(view, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"applicant\":{\"name\":\"Nguyễn V*** A***\",\"phone\":\"*** *** "
                              "123\"},\"result\":{\"kind\":\"address\",\"recipient\":{\"name\":"
                              "\"Trần B***\"}}}");
    free(text);
    json_decref(view);
    json_decref(personal);
    arena_finish(&arena);
}

static void pages_of_anything(void **unused)
{
    static const char *const views[] = {
        "{}", "null",
        "{\"code\":\"<b>\",\"by\":\"code\",\"status\":{\"name\":\"<i>\"},\"result\":{},"
        "\"shipments\":"
        "[{},{\"number\":\"RR123456785VN\",\"failures\":[{}],\"invitations\":[{}],\"fetch\":{},"
        "\"received\":{}}],\"reads\":[{\"unit\":{}}]}"};
    struct buf out = {0};
    (void)unused;
    for (size_t i = 0; i < countof(views); i++) {
        json_t *view = json_loads(views[i], JSON_DECODE_ANY, NULL);
        buf_reset(&out);
        unlock_page(&out, view);
        assert_null(strstr(out.data, "(null)"));
        assert_null(strstr(out.data, "{{"));
        assert_null(strstr(out.data, "<i>"));
        json_decref(view);
    }
    buf_reset(&out);
    unlock_form_page(&out, "\"'<x>%", (struct unlock_notice){UNLOCK_WAIT, 7300});
    assert_null(strstr(out.data, "<x>"));
    assert_non_null(strstr(out.data, "sau 3 giờ"));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_four_however_written),
        cmocka_unit_test(people_are_masked),
        cmocka_unit_test(pages_of_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
