#include "base/json_form.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

struct form {
    struct arena *arena;
    struct json_errors *errors;
    const char *pointer;
};

// At most so much as any answer may have, whatever the form says.
enum { ANSWER_MAX = 4000, PATTERN_ANSWER_MAX = 500 };

static void wrong(struct form *form, const char *name, const char *code, const char *vi,
                  const char *en)
{
    json_error_add(form->errors, json_pointer(form->arena, form->pointer, name), code, vi, en);
}

// --- texts ---------------------------------------------------------------------------------------

// The bounds, of the steps from each place and of the places, keep a pattern that backtracks for
// ever from holding the loop.
static GRegex *read_pattern(struct arena *arena, const char *pattern, const char **why)
{
    GError *error = NULL;
    GRegex *regex = g_regex_new(arena_printf(arena, "(*LIMIT_MATCH=5000)%s", pattern),
                                G_REGEX_DOLLAR_ENDONLY, 0, &error);
    if (!regex)
        *why = arena_strdup(arena, error->message);
    g_clear_error(&error);
    return regex;
}

const char *json_form_pattern_wrong(struct arena *arena, const char *pattern)
{
    const char *why = NULL;
    GRegex *regex = read_pattern(arena, pattern, &why);
    if (regex)
        g_regex_unref(regex);
    return why;
}

static bool matches(struct arena *arena, const char *pattern, const char *text)
{
    const char *why;
    GError *error = NULL;
    GRegex *regex = read_pattern(arena, pattern, &why);
    if (!regex)
        return true;
    bool found = g_regex_match_full(regex, text, -1, 0, 0, NULL, &error) || error != NULL;
    g_regex_unref(regex);
    g_clear_error(&error);
    return found;
}

static bool chosen(const json_t *choices, const json_t *value)
{
    size_t i;
    json_t *choice;
    json_array_foreach(choices, i, choice)
    {
        if (json_equal(choice, value))
            return true;
    }
    return false;
}

static void check_length(struct form *form, const char *name, const json_t *field, int64_t length)
{
    int64_t least = json_int(field, "minLength", 0), most = json_int(field, "maxLength", 500);
    int64_t bound = json_text(field, "pattern") ? PATTERN_ANSWER_MAX : ANSWER_MAX;
    if (most > bound)
        most = bound;
    if (length < least)
        wrong(form, name, "too_short",
              arena_printf(form->arena, "Ít nhất %lld ký tự.", (long long)least),
              arena_printf(form->arena, "At least %lld characters.", (long long)least));
    else if (length > most)
        wrong(form, name, "too_long",
              arena_printf(form->arena, "Nhiều nhất %lld ký tự.", (long long)most),
              arena_printf(form->arena, "At most %lld characters.", (long long)most));
}

static bool cleaned(struct form *form, const char *name, json_t *value)
{
    const char *clean =
        text_clean(form->arena, json_string_value(value), json_string_length(value), true);
    if (!clean)
        wrong(form, name, "controls", "Có ký tự điều khiển hoặc ký tự đảo chiều không được phép.",
              "Holds a control character or a bidirectional override.");
    else if (strcmp(clean, json_string_value(value)) != 0)
        json_string_set(value, clean);
    return clean != NULL;
}

static void check_text(struct form *form, const char *name, const json_t *field, json_t *value)
{
    const json_t *choices = json_object_get(field, "enum");
    const char *format = json_text(field, "format"), *pattern = json_text(field, "pattern");
    if (!cleaned(form, name, value))
        return;
    const char *text = json_string_value(value);
    int before = form->errors->count;
    if (choices && !chosen(choices, value))
        wrong(form, name, "choice", "Hãy chọn một trong các mục của danh sách.",
              "Choose one of the list.");
    else if (format && strcmp(format, "date") == 0 && !clock_is_date(text))
        wrong(form, name, "format", "Phải là một ngày có thật.", "Must be a day that exists.");
    else if (!choices)
        check_length(form, name, field, (int64_t)text_length(text));
    if (form->errors->count == before && pattern && !matches(form->arena, pattern, text))
        wrong(form, name, "format", "Chưa đúng dạng yêu cầu.",
              "Not of the form that is asked for.");
}

// --- the rest ------------------------------------------------------------------------------------

static void check_number(struct form *form, const char *name, const json_t *field,
                         const json_t *value)
{
    const json_t *least = json_object_get(field, "minimum");
    const json_t *most = json_object_get(field, "maximum");
    json_int_t number = json_integer_value(value);
    if (json_is_integer(least) && number < json_integer_value(least))
        wrong(form, name, "too_small",
              arena_printf(form->arena, "Ít nhất là %lld.", (long long)json_integer_value(least)),
              arena_printf(form->arena, "At least %lld.", (long long)json_integer_value(least)));
    else if (json_is_integer(most) && number > json_integer_value(most))
        wrong(form, name, "too_big",
              arena_printf(form->arena, "Nhiều nhất là %lld.", (long long)json_integer_value(most)),
              arena_printf(form->arena, "At most %lld.", (long long)json_integer_value(most)));
}

static bool of_type(const json_t *field, const json_t *value)
{
    const char *type = json_text(field, "type");
    return !type                          ? false
           : strcmp(type, "integer") == 0 ? json_is_integer(value)
           : strcmp(type, "boolean") == 0 ? json_is_boolean(value)
                                          : json_is_string(value);
}

static void wrong_type(struct form *form, const char *name, const char *type)
{
    if (type && strcmp(type, "integer") == 0)
        wrong(form, name, "type", "Phải là một số nguyên.", "Must be a whole number.");
    else if (type && strcmp(type, "boolean") == 0)
        wrong(form, name, "type", "Phải là có hoặc không.", "Must be yes or no.");
    else
        wrong(form, name, "type", "Không phải kiểu dữ liệu của trường này.",
              "Not of the type of this field.");
}

static void check_answer(struct form *form, const char *name, const json_t *field, json_t *value)
{
    if (!of_type(field, value))
        wrong_type(form, name, json_text(field, "type"));
    else if (json_is_string(value))
        check_text(form, name, field, value);
    else if (json_is_integer(value))
        check_number(form, name, field, value);
}

static bool missing(const json_t *answers, const char *name)
{
    const json_t *value = json_object_get(answers, name);
    const char *text = json_string_value(value);
    return !value || json_is_null(value) || (text && text[strspn(text, " \t\n")] == '\0');
}

static void check_required(struct form *form, const json_t *schema, const json_t *answers)
{
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(schema, "required"), i, name)
    {
        const char *member = json_string_value(name);
        if (member && missing(answers, member))
            wrong(form, member, "required", "Xin điền mục này.", "This must be filled in.");
        else if (member && json_is_false(json_object_get(answers, member)))
            wrong(form, member, "required", "Xin đánh dấu vào mục này.", "This must be ticked.");
    }
}

void json_form_check(struct arena *arena, const json_t *schema, json_t *answers,
                     const char *pointer, struct json_errors *errors)
{
    struct form form = {arena, errors, pointer};
    const json_t *fields = json_object_get(schema, "properties");
    const char *name;
    json_t *value;
    json_object_foreach(answers, name, value)
    {
        const json_t *field = json_object_get(fields, name);
        if (!field)
            wrong(&form, name, "unknown", "Mẫu đơn không có mục này.",
                  "The form has no such field.");
        else if (!missing(answers, name))
            check_answer(&form, name, field, value);
    }
    check_required(&form, schema, answers);
}

json_t *json_form_fit(const json_t *schema, json_t *answers)
{
    const json_t *fields = json_object_get(schema, "properties");
    json_t *left_over = json_array(), *value;
    const char *name;
    void *next;
    json_object_foreach_safe(answers, next, name, value)
    {
        const json_t *field = json_object_get(fields, name);
        if (field && (of_type(field, value) || json_is_null(value)))
            continue;
        json_array_append_new(left_over, json_string(name));
        json_object_del(answers, name);
    }
    return left_over;
}
