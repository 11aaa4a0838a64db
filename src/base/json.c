#include "base/json.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

struct check {
    struct arena *arena;
    struct json_errors *errors;
};

void json_error_add(struct json_errors *errors, const char *pointer, const char *code,
                    const char *detail_vi, const char *detail_en)
{
    if (errors->count < JSON_ERRORS_MAX)
        errors->list[errors->count++] = (struct json_error){pointer, code, detail_vi, detail_en};
}

// RFC 6901: ~ is ~0 and / is ~1.
static const char *below(struct check *c, const char *pointer, const char *name)
{
    struct arena *arena = c->arena;
    const char *escaped = "";
    for (; *name; name++) {
        size_t plain = strcspn(name, "~/");
        escaped = arena_printf(arena, "%s%.*s", escaped, (int)plain, name);
        name += plain;
        if (!*name)
            break;
        escaped = arena_printf(arena, "%s%s", escaped, *name == '~' ? "~0" : "~1");
    }
    return arena_printf(arena, "%s/%s", pointer, escaped);
}

// --- texts ---------------------------------------------------------------------------------------

static void wrong_type(struct check *c, const char *pointer, const struct json_field *field)
{
    static const struct {
        const char *vi, *en;
    } names[] = {
        [JSON_KIND_TEXT] = {"phải là chuỗi", "must be text"},
        [JSON_KIND_LINES] = {"phải là chuỗi", "must be text"},
        [JSON_KIND_INT] = {"phải là số nguyên", "must be a whole number"},
        [JSON_KIND_BOOL] = {"phải là true hoặc false", "must be true or false"},
        [JSON_KIND_TIME] = {"phải là thời điểm RFC 3339", "must be an RFC 3339 time"},
        [JSON_KIND_UUID] = {"phải là UUID", "must be a UUID"},
        [JSON_KIND_ENUM] = {"phải là chuỗi", "must be text"},
        [JSON_KIND_OBJECT] = {"phải là đối tượng", "must be an object"},
        [JSON_KIND_ARRAY] = {"phải là mảng", "must be an array"},
        [JSON_KIND_ANY_OBJECT] = {"phải là đối tượng", "must be an object"},
    };
    json_error_add(c->errors, pointer, "type", names[field->kind].vi, names[field->kind].en);
}

static void out_of_bounds(struct check *c, const char *pointer, const struct json_field *field,
                          bool below_least, const char *what_vi, const char *what_en,
                          const char *code)
{
    long long bound = below_least ? field->least : field->greatest;
    json_error_add(
        c->errors, pointer, code,
        arena_printf(c->arena, "%s %s %lld", what_vi, below_least ? "ít nhất là" : "nhiều nhất là",
                     bound),
        arena_printf(c->arena, "%s %s %lld", what_en, below_least ? "at least" : "at most", bound));
}

static void check_text(struct check *c, json_t *value, const char *pointer,
                       const struct json_field *field)
{
    const char *text = json_string_value(value);
    char *clean =
        text_clean(c->arena, text, json_string_length(value), field->kind == JSON_KIND_LINES);
    if (!clean) {
        json_error_add(c->errors, pointer, "controls", "có ký tự không được phép",
                       "has characters that are not allowed");
        return;
    }
    int64_t length = (int64_t)text_length(clean);
    if (length < field->least)
        out_of_bounds(c, pointer, field, true, "độ dài", "length", "too_short");
    else if (field->greatest > 0 && length > field->greatest)
        out_of_bounds(c, pointer, field, false, "độ dài", "length", "too_long");
    if (strcmp(clean, text) != 0)
        json_string_set_nocheck(value, clean);
}

static void check_choice(struct check *c, json_t *value, const char *pointer,
                         const struct json_field *field)
{
    const char *all = "";
    for (const char *const *choice = field->choices; *choice; choice++) {
        if (strcmp(*choice, json_string_value(value)) == 0)
            return;
        all = arena_printf(c->arena, "%s%s%s", all, *all ? ", " : "", *choice);
    }
    json_error_add(c->errors, pointer, "choice",
                   arena_printf(c->arena, "phải là một trong: %s", all),
                   arena_printf(c->arena, "must be one of: %s", all));
}

static void check_form(struct check *c, json_t *value, const char *pointer,
                       const struct json_field *field)
{
    int64_t at;
    uint8_t id[UUID_BYTES];
    const char *text = json_string_value(value);
    bool good = field->kind == JSON_KIND_TIME ? clock_parse(text, &at) : uuid_parse(text, id);
    if (!good)
        json_error_add(
            c->errors, pointer, "format",
            field->kind == JSON_KIND_TIME
                ? "phải là thời điểm RFC 3339 có múi giờ, ví dụ 2026-11-23T09:15:00+07:00"
                : "phải là UUID, ví dụ 01939f0e-7c1a-7c5b-8e21-3f4d5a6b7c8d",
            field->kind == JSON_KIND_TIME
                ? "must be an RFC 3339 time with offset, as 2026-11-23T09:15:00+07:00"
                : "must be a UUID, as 01939f0e-7c1a-7c5b-8e21-3f4d5a6b7c8d");
}

// --- numbers, arrays, objects --------------------------------------------------------------------

static void check_value(struct check *c, json_t *value, const char *pointer,
                        const struct json_field *field);

static void check_int(struct check *c, json_t *value, const char *pointer,
                      const struct json_field *field)
{
    int64_t number = json_integer_value(value);
    if (number < field->least)
        out_of_bounds(c, pointer, field, true, "giá trị", "value", "too_small");
    else if (number > field->greatest)
        out_of_bounds(c, pointer, field, false, "giá trị", "value", "too_big");
}

static void check_array(struct check *c, json_t *value, const char *pointer,
                        const struct json_field *field)
{
    int64_t count = (int64_t)json_array_size(value);
    if (count < field->least || count > field->greatest) {
        out_of_bounds(c, pointer, field, count < field->least, "số phần tử", "elements",
                      count < field->least ? "too_short" : "too_long");
        return;
    }
    size_t i;
    json_t *element;
    json_array_foreach(value, i, element)
    {
        check_value(c, element, arena_printf(c->arena, "%s/%zu", pointer, i), field->item);
    }
}

static const struct json_field *find(const struct json_field *shape, const char *name)
{
    for (; shape->name; shape++) {
        if (strcmp(shape->name, name) == 0)
            return shape;
    }
    return NULL;
}

static void check_object(struct check *c, json_t *object, const char *pointer,
                         const struct json_field *shape)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        const struct json_field *field = find(shape, name);
        const char *at = below(c, pointer, name);
        if (!field)
            json_error_add(c->errors, at, "unknown", "không có trường này",
                           "there is no such member");
        else if (!json_is_null(value) || field->required)
            check_value(c, value, at, field);
    }
    for (const struct json_field *field = shape; field->name; field++) {
        if (field->required && !json_object_get(object, field->name))
            json_error_add(c->errors, below(c, pointer, field->name), "required",
                           "bắt buộc phải có", "is required");
    }
}

static bool type_fits(const json_t *value, enum json_kind kind)
{
    switch (kind) {
    case JSON_KIND_INT:
        return json_is_integer(value);
    case JSON_KIND_BOOL:
        return json_is_boolean(value);
    case JSON_KIND_OBJECT:
    case JSON_KIND_ANY_OBJECT:
        return json_is_object(value);
    case JSON_KIND_ARRAY:
        return json_is_array(value);
    default:
        return json_is_string(value);
    }
}

static void check_value(struct check *c, json_t *value, const char *pointer,
                        const struct json_field *field)
{
    if (!type_fits(value, field->kind)) {
        wrong_type(c, pointer, field);
        return;
    }
    switch (field->kind) {
    case JSON_KIND_TEXT:
    case JSON_KIND_LINES:
        check_text(c, value, pointer, field);
        break;
    case JSON_KIND_INT:
        check_int(c, value, pointer, field);
        break;
    case JSON_KIND_ENUM:
        check_choice(c, value, pointer, field);
        break;
    case JSON_KIND_TIME:
    case JSON_KIND_UUID:
        check_form(c, value, pointer, field);
        break;
    case JSON_KIND_ARRAY:
        check_array(c, value, pointer, field);
        break;
    case JSON_KIND_OBJECT:
        check_object(c, value, pointer, field->shape);
        break;
    case JSON_KIND_BOOL:
    case JSON_KIND_ANY_OBJECT:
        break;
    }
}

// --- the document --------------------------------------------------------------------------------

enum err json_check(struct arena *arena, json_t *document, const struct json_field *shape,
                    struct json_errors *errors)
{
    struct check c = {arena, errors};
    if (!json_is_object(document))
        json_error_add(errors, "", "type", "phải là đối tượng", "must be an object");
    else
        check_object(&c, document, "", shape);
    return errors->count ? ERR_INVALID_FIELDS : ERR_OK;
}

// jansson's own limit on depth is 2048; ours must hold before it recurses.
static bool too_deep(const char *data, size_t len)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        if (quoted && data[i] == '\\')
            i++;
        else if (data[i] == '"')
            quoted = !quoted;
        else if (!quoted && (data[i] == '{' || data[i] == '['))
            depth++;
        else if (!quoted && (data[i] == '}' || data[i] == ']'))
            depth--;
        if (depth > JSON_DEPTH_MAX)
            return true;
    }
    return false;
}

enum err json_read(struct arena *arena, const char *data, size_t len,
                   const struct json_field *shape, json_t **document, struct json_errors *errors)
{
    json_error_t error;
    errors->count = 0;
    *document = too_deep(data, len) ? NULL : json_loadb(data, len, JSON_REJECT_DUPLICATES, &error);
    if (!*document)
        return ERR_INVALID_JSON;
    return json_check(arena, *document, shape, errors);
}

const char *json_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

int64_t json_int(const json_t *object, const char *name, int64_t fallback)
{
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool json_bool(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}
