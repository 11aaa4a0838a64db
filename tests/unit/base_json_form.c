#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_form.h"

static const char form_text[] =
    "{\"type\":\"object\",\"required\":[\"name\",\"born\"],\"properties\":{"
    "\"name\":{\"type\":\"string\",\"minLength\":2,\"maxLength\":6},"
    "\"born\":{\"type\":\"string\",\"format\":\"date\"},"
    "\"copies\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":20},"
    "\"kind\":{\"type\":\"string\",\"enum\":[\"a\",\"b\"]},"
    "\"id\":{\"type\":\"string\",\"pattern\":\"^\\\\d{3}$\"},"
    "\"evil\":{\"type\":\"string\",\"pattern\":\"^(a+)+$\"},"
    "\"bad\":{\"type\":\"string\",\"pattern\":\"(\"},"
    "\"yes\":{\"type\":\"boolean\"}}}";
static const char promise_text[] =
    "{\"type\":\"object\",\"required\":[\"agreed\"],\"properties\":{"
    "\"agreed\":{\"type\":\"boolean\"},\"other\":{\"type\":\"boolean\"}}}";

static struct arena arena;
static struct json_errors errors;
static json_t *form;

// "pointer code" of each error, in their order.
static const char *told(const char *answers_text)
{
    json_t *answers = json_loads(answers_text, 0, NULL);
    const char *list = "";
    errors = (struct json_errors){0};
    json_form_check(&arena, form, answers, "/form", &errors);
    for (int i = 0; i < errors.count; i++)
        list = arena_printf(&arena, "%s%s%s %s", list, *list ? ", " : "", errors.list[i].pointer,
                            errors.list[i].code);
    json_decref(answers);
    return list;
}

#define GOOD "\"name\":\"Nữ\",\"born\":\"2024-02-29\""

static void test_fits(void **state)
{
    (void)state;
    assert_string_equal(told("{" GOOD "}"), "");
    assert_string_equal(
        told("{" GOOD ",\"copies\":20,\"kind\":\"b\",\"id\":\"123\",\"yes\":false}"), "");
    assert_string_equal(told("{" GOOD ",\"kind\":\"\",\"copies\":null}"), "");
}

static void test_names_each_field(void **state)
{
    (void)state;
    assert_string_equal(told("{}"), "/form/name required, /form/born required");
    assert_string_equal(told("{\"name\":\" \\n\",\"born\":\"2024-02-29\"}"), "/form/name required");
    assert_string_equal(told("{" GOOD ",\"copies\":0}"), "/form/copies too_small");
    assert_string_equal(told("{" GOOD ",\"copies\":21}"), "/form/copies too_big");
    assert_string_equal(told("{" GOOD ",\"copies\":\"2\"}"), "/form/copies type");
    assert_string_equal(told("{" GOOD ",\"copies\":2.5}"), "/form/copies type");
    assert_string_equal(told("{" GOOD ",\"kind\":\"c\"}"), "/form/kind choice");
    assert_string_equal(told("{" GOOD ",\"id\":\"12\"}"), "/form/id format");
    assert_string_equal(told("{" GOOD ",\"id\":\"123\\n\"}"), "/form/id format");
    assert_string_equal(told("{" GOOD ",\"yes\":1}"), "/form/yes type");
    assert_string_equal(told("{" GOOD ",\"a/b~\":1}"), "/form/a~1b~0 unknown");
    assert_string_equal(told("{\"name\":\"N\",\"born\":\"2024-02-29\"}"), "/form/name too_short");
    assert_string_equal(told("{\"name\":\"Nguyễn \",\"born\":\"2024-02-29\"}"),
                        "/form/name too_long");
    assert_string_equal(told("{\"name\":\"a\\u202eb\",\"born\":\"2024-02-29\"}"),
                        "/form/name controls");
}

static void test_says_which_type(void **state)
{
    (void)state;
    told("{" GOOD ",\"copies\":\"1.5\",\"yes\":\"true\"}");
    assert_int_equal(errors.count, 2);
    assert_string_equal(errors.list[0].detail_vi, "Phải là một số nguyên.");
    assert_string_equal(errors.list[1].detail_vi, "Phải là có hoặc không.");
}

// What must be agreed to is not agreed to by an answer of no; what need not may be.
static void test_must_be_ticked(void **state)
{
    (void)state;
    json_t *usual = form;
    form = json_loads(promise_text, 0, NULL);
    assert_string_equal(told("{\"agreed\":true,\"other\":false}"), "");
    assert_string_equal(told("{\"agreed\":false}"), "/form/agreed required");
    assert_string_equal(told("{}"), "/form/agreed required");
    assert_string_equal(told("{\"agreed\":\"\"}"), "/form/agreed required");
    json_decref(form);
    form = usual;
}

static void test_days(void **state)
{
    (void)state;
    static const char *const no[] = {"2023-02-29", "2026-13-01", "2026-00-10", "2026-04-31",
                                     "2026-4-1",   "01/04/2026", "0000-01-01", "2026-04-010",
                                     "2026-1--01", "----------", "1900-02-29"};
    static const char *const yes[] = {"2000-02-29", "1999-12-31", "2026-04-30"};
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_string_equal(told(arena_printf(&arena, "{\"name\":\"Nam\",\"born\":\"%s\"}", no[i])),
                            "/form/born format");
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_string_equal(
            told(arena_printf(&arena, "{\"name\":\"Nam\",\"born\":\"%s\"}", yes[i])), "");
}

// What takes too long, or cannot be read, refuses nothing and holds nobody up.
static void test_patterns_end(void **state)
{
    (void)state;
    char many[400];
    memset(many, 'a', sizeof many - 2);
    many[sizeof many - 2] = '!';
    many[sizeof many - 1] = '\0';
    assert_string_equal(told(arena_printf(&arena, "{" GOOD ",\"evil\":\"%s\"}", many)), "");
    assert_null(json_form_pattern_wrong(&arena, "^\\d{3}$"));
    assert_non_null(json_form_pattern_wrong(&arena, "("));
    assert_string_equal(told("{" GOOD ",\"bad\":\"x\"}"), "");
}

static void test_every_error_in_both_languages(void **state)
{
    (void)state;
    told("{\"name\":\"N\",\"copies\":0,\"kind\":\"c\",\"id\":\"1\",\"yes\":1,\"more\":1}");
    assert_int_equal(errors.count, 7);
    for (int i = 0; i < errors.count; i++)
        assert_string_not_equal(errors.list[i].detail_vi, errors.list[i].detail_en);
}

// However an answer is made, what fits keeps fitting and a member too many is always named.
static void test_property(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed < 2000; seed++) {
        srand(seed);
        int copies = rand() % 40 - 10;
        bool more = rand() % 2;
        const char *list = told(
            arena_printf(&arena, "{" GOOD ",\"copies\":%d%s}", copies, more ? ",\"x\":true" : ""));
        assert_int_equal(strstr(list, "/form/x unknown") != NULL, more);
        assert_int_equal(strstr(list, "/form/copies") != NULL, copies < 1 || copies > 20);
    }
}

static void test_carried_over(void **state)
{
    (void)state;
    json_t *answers = json_loads("{" GOOD ",\"copies\":\"two\",\"gone\":1,\"yes\":true}", 0, NULL);
    json_t *left = json_form_fit(form, answers);
    assert_int_equal(json_array_size(left), 2);
    assert_int_equal(json_object_size(answers), 3);
    assert_null(json_object_get(answers, "gone"));
    json_decref(left);
    json_decref(answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_names_each_field),
        cmocka_unit_test(test_says_which_type),
        cmocka_unit_test(test_must_be_ticked),
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_patterns_end),
        cmocka_unit_test(test_every_error_in_both_languages),
        cmocka_unit_test(test_property),
        cmocka_unit_test(test_carried_over),
    };
    form = json_loads(form_text, 0, NULL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(form);
    arena_finish(&arena);
    return failed;
}
