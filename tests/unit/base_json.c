#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

static const char *const kinds[] = {"citizen", "enterprise", NULL};

static const struct json_field address[] = {
    {"line", JSON_KIND_TEXT, true, 1, 20, .text = "street"},
    {"a/b~c", JSON_KIND_BOOL, false},
    {0},
};

static const struct json_field item = {"item", JSON_KIND_OBJECT, .shape = address};

static const struct json_field shape[] = {
    {"id", JSON_KIND_UUID, true},
    {"kind", JSON_KIND_ENUM, false, .choices = kinds},
    {"weight", JSON_KIND_INT, true, 1, 2000},
    {"at", JSON_KIND_TIME, false},
    {"note", JSON_KIND_LINES, false, 0, 50},
    {"list", JSON_KIND_ARRAY, false, 1, 2, .item = &item},
    {"any", JSON_KIND_ANY_OBJECT, false},
    {0},
};

#define ID "\"id\":\"01939f0e-7c1a-7c5b-8e21-3f4d5a6b7c8d\""

static struct arena arena;
static struct json_errors errors;

// "pointer code" of the only error, "" when there is none, "json" when it does not parse.
static const char *told(const char *text)
{
    json_t *document;
    enum err err = json_read(&arena, text, strlen(text), shape, &document, &errors);
    json_decref(document);
    if (err == ERR_INVALID_JSON)
        return "json";
    assert_int_equal(err, errors.count ? ERR_INVALID_FIELDS : ERR_OK);
    if (errors.count == 0)
        return "";
    assert_int_equal(errors.count, 1);
    return arena_printf(&arena, "%s %s", errors.list[0].pointer, errors.list[0].code);
}

static void test_accepts(void **state)
{
    (void)state;
    assert_string_equal(told("{" ID ",\"weight\":5}"), "");
    assert_string_equal(told("{" ID ",\"weight\":5,\"kind\":null}"), "");
    assert_string_equal(told("{" ID ",\"weight\":5,\"kind\":null,\"note\":\"a\\nb\","
                             "\"list\":[{\"line\":\"x\"}],\"any\":{\"z\":1},"
                             "\"at\":\"2026-11-23T09:15:00Z\",\"kind\":\"citizen\"}"),
                        "json"); // a key twice
    assert_string_equal(told("{" ID ",\"weight\":5,\"note\":\"a\\nb\",\"list\":[{\"line\":\"x\"}],"
                             "\"any\":{\"z\":1},\"at\":\"2026-11-23T09:15:00Z\"}"),
                        "");
}

static void test_names_the_wrong_member(void **state)
{
    (void)state;
    static const struct {
        const char *rest, *told;
    } rows[] = {
        {"", "/weight required"},
        {",\"weight\":0", "/weight too_small"},
        {",\"weight\":2001", "/weight too_big"},
        {",\"weight\":5.0", "/weight type"},
        {",\"weight\":\"5\"", "/weight type"},
        {",\"weight\":null", "/weight type"},
        {",\"weight\":5,\"x\":1", "/x unknown"},
        {",\"weight\":5,\"x/y~z\":1", "/x~1y~0z unknown"},
        {",\"weight\":5,\"kind\":\"dog\"", "/kind choice"},
        {",\"weight\":5,\"at\":\"today\"", "/at format"},
        {",\"weight\":5,\"note\":\"a\\u0000b\"", "json"},
        {",\"weight\":5,\"note\":\"a\\u0001b\"", "/note controls"},
        {",\"weight\":5,\"note\":\"a\\u202eb\"", "/note controls"},
        {",\"weight\":5,\"any\":{\"a\":[\"\\u0001\"]}", "/any/a/0 controls"},
        {",\"weight\":5,\"any\":{\"a\\u202e\":1}", "/any/a\xe2\x80\xae controls"},
        {",\"weight\":5,\"list\":[{\"line\":\"  \"}]", "/list/0/line too_short"},
        {",\"weight\":5,\"list\":[]", "/list too_short"},
        {",\"weight\":5,\"list\":[1,2,3]", "/list too_long"},
        {",\"weight\":5,\"list\":[1]", "/list/0 type"},
        {",\"weight\":5,\"list\":[{\"line\":\"x\"},{\"line\":\"\"}]", "/list/1/line too_short"},
        {",\"weight\":5,\"list\":[{\"line\":\"123456789012345678901\"}]", "/list/0/line too_long"},
        {",\"weight\":5,\"list\":[{\"line\":\"x\",\"a/b~c\":1}]", "/list/0/a~1b~0c type"},
    };
    for (size_t i = 0; i < countof(rows); i++)
        assert_string_equal(told(arena_printf(&arena, "{" ID "%s}", rows[i].rest)), rows[i].told);
    assert_string_equal(told("[]"), " type");
}

static void test_refuses_what_is_no_json(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "{",
                                      "{} {}",
                                      "nul",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"a\":\"\xff\"}",
                                      "{'a':1}",
                                      "{\"a\":01}",
                                      "{\"a\":NaN}",
                                      "{\"a\":1,}"};
    for (size_t i = 0; i < countof(bad); i++)
        assert_string_equal(told(bad[i]), "json");
}

static void test_depth_is_bounded(void **state)
{
    (void)state;
    char deep[2000] = "{\"any\":", *end = deep + strlen(deep);
    memset(end, '[', 900);
    assert_string_equal(told(deep), "json");
    assert_string_equal(told("{" ID ",\"weight\":5,\"note\":\"[[[[[[[[[[[[[[[[[[[[[\\\"[\"}"), "");
}

static void test_many_errors_are_bounded(void **state)
{
    (void)state;
    const char *text = "{" ID ",\"weight\":1";
    json_t *document;
    for (int i = 0; i < 100; i++)
        text = arena_printf(&arena, "%s,\"u%d\":1", text, i);
    text = arena_printf(&arena, "%s}", text);
    assert_int_equal(json_read(&arena, text, strlen(text), shape, &document, &errors),
                     ERR_INVALID_FIELDS);
    assert_int_equal(errors.count, JSON_ERRORS_MAX);
    json_decref(document);
}

static void test_cleans_in_place(void **state)
{
    (void)state;
    const char *text = "{\"id\":\"01939F0E-7C1A-7C5B-8E21-3F4D5A6B7C8D\",\"weight\":1,"
                       "\"note\":\"Nguye\xcc\x82\xcc\x83n\",\"kind\":null,"
                       "\"any\":{\"name\":\"Nguye\xcc\x82\xcc\x83n\"}}";
    json_t *document;
    assert_int_equal(json_read(&arena, text, strlen(text), shape, &document, &errors), ERR_OK);
    assert_string_equal(json_text(document, "note"), "Nguyễn");
    assert_null(json_object_get(document, "kind"));
    assert_string_equal(json_text(document, "id"), "01939f0e-7c1a-7c5b-8e21-3f4d5a6b7c8d");
    assert_string_equal(json_text(json_object_get(document, "any"), "name"), "Nguyễn");
    assert_int_equal(json_int(document, "weight", 0), 1);
    assert_int_equal(json_int(document, "absent", 7), 7);
    json_decref(document);
}

static void test_written_in_one_line(void **state)
{
    json_t *written = json_pack("{s:s, s:[i, b], s:{}}", "b", "Đơn\n", "a", 1, 0, "c");
    const char *text = json_line(&arena, written, JSON_SORT_KEYS);
    (void)state;
    json_decref(written);
    assert_string_equal(text, "{\"a\":[1,false],\"b\":\"Đơn\\n\",\"c\":{}}");
}

static void test_schema(void **state)
{
    (void)state;
    json_t *schema = json_schema(shape);
    json_t *members = json_object_get(schema, "properties");
    assert_int_equal(json_object_size(members), 7);
    assert_string_equal(json_text(json_object_get(members, "id"), "format"), "uuid");
    assert_int_equal(json_array_size(json_object_get(schema, "required")), 2);
    assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
    json_decref(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),
        cmocka_unit_test(test_names_the_wrong_member),
        cmocka_unit_test(test_refuses_what_is_no_json),
        cmocka_unit_test(test_depth_is_bounded),
        cmocka_unit_test(test_many_errors_are_bounded),
        cmocka_unit_test(test_cleans_in_place),
        cmocka_unit_test(test_written_in_one_line),
        cmocka_unit_test(test_schema),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_finish(&arena);
    return failed;
}
