#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

// Where a value stands, from the leaf up; written out only when something is wrong there.
struct place {
    const struct place *up;
    const char *name; // NULL: element `index`
    size_t index;
};

struct check {
    struct arena *arena;
    struct json_errors *errors;
};

// --- errors --------------------------------------------------------------------------------------

const char *json_pointer(struct arena *arena, const char *above, const char *name)
{
    char *escaped = arena_alloc(arena, strlen(name) * 2 + 1), *out = escaped;
    for (const char *c = name; *c; c++) {
        bool special = *c == '~' || *c == '/';
        if (special)
            *out++ = '~';
        *out++ = special ? (*c == '~' ? '0' : '1') : *c;
    }
    return arena_printf(arena, "%s/%s", above, escaped);
}

static const char *pointer_of(struct arena *arena, const struct place *place)
{
    if (!place)
        return "";
    const char *above = pointer_of(arena, place->up);
    if (!place->name)
        return arena_printf(arena, "%s/%zu", above, place->index);
    return json_pointer(arena, above, place->name);
}

void json_error_add(struct json_errors *errors, const char *pointer, const char *code,
                    const char *detail_vi, const char *detail_en)
{
    if (errors->count < JSON_ERRORS_MAX)
        errors->list[errors->count++] = (struct json_error){pointer, code, detail_vi, detail_en};
}

static void wrong(struct check *check, const struct place *place, const char *code, const char *vi,
                  const char *en)
{
    if (check->errors->count < JSON_ERRORS_MAX)
        json_error_add(check->errors, pointer_of(check->arena, place), code, vi, en);
}

static void wrong_type(struct check *check, const struct place *place, const char *vi,
                       const char *en)
{
    wrong(check, place, "type", arena_printf(check->arena, "Phải là %s.", vi),
          arena_printf(check->arena, "Must be %s.", en));
}

// Neither bound given: nothing to keep. An upper bound below the lower: none.
static bool check_bounds(struct check *check, const struct place *place,
                         const struct json_field *field, int64_t size, bool number, const char *vi,
                         const char *en)
{
    struct arena *arena = check->arena;
    int before = check->errors->count;
    if (size < field->least)
        wrong(check, place, number ? "too_small" : "too_short",
              arena_printf(arena, "Ít nhất là %lld%s.", (long long)field->least, vi),
              arena_printf(arena, "At least %lld%s.", (long long)field->least, en));
    else if (json_field_bounded(field) && size > field->greatest)
        wrong(check, place, number ? "too_big" : "too_long",
              arena_printf(arena, "Nhiều nhất là %lld%s.", (long long)field->greatest, vi),
              arena_printf(arena, "At most %lld%s.", (long long)field->greatest, en));
    return check->errors->count == before;
}

bool json_field_bounded(const struct json_field *field)
{
    return field->greatest >= field->least && (field->greatest != 0 || field->least != 0);
}

// --- values --------------------------------------------------------------------------------------

static bool clean(struct check *check, const struct place *place, json_t *value, bool lines)
{
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    const char *cleaned = text_clean(check->arena, text, len, lines);
    if (!cleaned) {
        wrong(check, place, "controls", "Có ký tự điều khiển hoặc ký tự đảo chiều không được phép.",
              "Holds a control character or a bidirectional override.");
        return false;
    }
    if (strcmp(text, cleaned) != 0)
        json_string_set(value, cleaned);
    return true;
}

static void check_text(struct check *check, const struct place *place,
                       const struct json_field *field, json_t *value)
{
    if (!clean(check, place, value, field->kind == JSON_KIND_LINES))
        return;
    const char *text = json_string_value(value);
    bool blank = text[strspn(text, " \t\n")] == '\0';
    int64_t length = blank && field->least > 0 ? 0 : (int64_t)text_length(text);
    check_bounds(check, place, field, length, false, " ký tự", " characters");
}

static void check_time(struct check *check, const struct place *place, json_t *value)
{
    int64_t at;
    if (!clock_parse(json_string_value(value), &at))
        wrong(check, place, "format",
              "Phải là thời điểm RFC 3339 có múi giờ, như 2026-11-23T09:15:00+07:00.",
              "Must be an RFC 3339 time with offset, like 2026-11-23T09:15:00+07:00.");
}

// One spelling of an id: lower case.
static void check_uuid(struct check *check, const struct place *place, json_t *value)
{
    uint8_t id[UUID_BYTES];
    char text[UUID_TEXT];
    if (!uuid_parse(json_string_value(value), id)) {
        wrong(check, place, "format", "Phải là một UUID.", "Must be a UUID.");
        return;
    }
    uuid_format(id, text);
    json_string_set(value, text);
}

static void check_enum(struct check *check, const struct place *place,
                       const struct json_field *field, json_t *value)
{
    const char *list = "";
    for (const char *const *choice = field->choices; *choice; choice++) {
        if (strcmp(*choice, json_string_value(value)) == 0)
            return;
    }
    for (const char *const *choice = field->choices; *choice; choice++)
        list = arena_printf(check->arena, "%s%s%s", list, *list ? ", " : "", *choice);
    wrong(check, place, "choice", arena_printf(check->arena, "Phải là một trong: %s.", list),
          arena_printf(check->arena, "Must be one of: %s.", list));
}

static void check_string(struct check *check, const struct place *place,
                         const struct json_field *field, json_t *value)
{
    if (!json_is_string(value))
        wrong_type(check, place, "một chuỗi", "a string");
    else if (field->kind == JSON_KIND_TIME)
        check_time(check, place, value);
    else if (field->kind == JSON_KIND_UUID)
        check_uuid(check, place, value);
    else if (field->kind == JSON_KIND_ENUM)
        check_enum(check, place, field, value);
    else
        check_text(check, place, field, value);
}

// Whatever the next layer makes of it, its texts are clean.
static void check_any(struct check *check, const struct place *place, json_t *value)
{
    const char *name;
    json_t *member;
    size_t index;
    if (json_is_string(value))
        clean(check, place, value, true);
    json_array_foreach(value, index, member)
        check_any(check, &(struct place){place, NULL, index}, member);
    json_object_foreach(value, name, member)
    {
        struct place here = {place, name, 0};
        if (!text_clean(check->arena, name, strlen(name), false))
            wrong(check, &here, "controls", "Tên có ký tự không được phép.",
                  "The name holds a character that is not allowed.");
        check_any(check, &here, member);
    }
}

static void check_value(struct check *check, const struct place *place,
                        const struct json_field *field, json_t *value);

static void check_object(struct check *check, const struct place *place,
                         const struct json_field *shape, json_t *object)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, name, value)
    {
        const struct json_field *field = shape;
        while (field->name && strcmp(field->name, name) != 0)
            field++;
        struct place here = {place, name, 0};
        if (!field->name)
            wrong(check, &here, "unknown", "Không có trường này.", "There is no such member.");
        else if (json_is_null(value) && !field->required)
            json_object_del(object, name);
        else
            check_value(check, &here, field, value);
    }
    for (const struct json_field *field = shape; field->name; field++) {
        if (field->required && !json_object_get(object, field->name))
            wrong(check, &(struct place){place, field->name, 0}, "required", "Thiếu trường này.",
                  "This member is required.");
    }
}

static void check_array(struct check *check, const struct place *place,
                        const struct json_field *field, json_t *array)
{
    size_t index;
    json_t *element;
    if (!check_bounds(check, place, field, (int64_t)json_array_size(array), false, " phần tử",
                      " elements"))
        return;
    json_array_foreach(array, index, element)
        check_value(check, &(struct place){place, NULL, index}, field->item, element);
}

static void check_value(struct check *check, const struct place *place,
                        const struct json_field *field, json_t *value)
{
    switch (field->kind) {
    case JSON_KIND_INT:
        if (!json_is_integer(value))
            wrong_type(check, place, "một số nguyên", "an integer");
        else if (field->least != 0 || field->greatest != 0)
            check_bounds(check, place, field, json_integer_value(value), true, "", "");
        break;
    case JSON_KIND_BOOL:
        if (!json_is_boolean(value))
            wrong_type(check, place, "true hoặc false", "true or false");
        break;
    case JSON_KIND_ARRAY:
        if (!json_is_array(value))
            wrong_type(check, place, "một danh sách", "an array");
        else
            check_array(check, place, field, value);
        break;
    case JSON_KIND_OBJECT:
    case JSON_KIND_ANY_OBJECT:
        if (!json_is_object(value))
            wrong_type(check, place, "một đối tượng", "an object");
        else if (field->kind == JSON_KIND_OBJECT)
            check_object(check, place, field->shape, value);
        else
            check_any(check, place, value);
        break;
    default:
        check_string(check, place, field, value);
    }
}

// --- documents -----------------------------------------------------------------------------------

enum err json_check(struct arena *arena, json_t *document, const struct json_field *shape,
                    struct json_errors *errors)
{
    struct check check = {arena, errors};
    int before = errors->count;
    struct json_field root = {.kind = JSON_KIND_OBJECT, .shape = shape};
    check_value(&check, NULL, &root, document);
    return errors->count > before ? ERR_INVALID_FIELDS : ERR_OK;
}

// Before parsing, so that a deep document costs nothing.
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
    *errors = (struct json_errors){0};
    *document = NULL;
    if (too_deep(data, len))
        return ERR_INVALID_JSON;
    *document = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
    return *document ? json_check(arena, *document, shape, errors) : ERR_INVALID_JSON;
}

const char *json_line(struct arena *arena, const json_t *document, size_t flags)
{
    char *text = json_dumps(document, JSON_COMPACT | flags);
    if (!text)
        die("a document that cannot be written");
    const char *copy = arena_strdup(arena, text);
    free(text);
    return copy;
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
