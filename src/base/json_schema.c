#include "base/json.h"

// The tables of base/json.h as JSON Schema 2020-12.

static json_t *value_schema(const struct json_field *field);

static void set_int(json_t *schema, const char *name, int64_t value)
{
    json_object_set_new(schema, name, json_integer(value));
}

static json_t *typed(const char *type)
{
    return json_pack("{s:s}", "type", type);
}

static json_t *text_schema(const struct json_field *field)
{
    json_t *schema = typed("string");
    if (field->least > 0)
        set_int(schema, "minLength", field->least);
    if (field->greatest > 0)
        set_int(schema, "maxLength", field->greatest);
    return schema;
}

static json_t *int_schema(const struct json_field *field)
{
    json_t *schema = typed("integer");
    set_int(schema, "minimum", field->least);
    set_int(schema, "maximum", field->greatest);
    return schema;
}

static json_t *choice_schema(const struct json_field *field)
{
    json_t *schema = typed("string"), *list = json_array();
    for (const char *const *choice = field->choices; *choice; choice++)
        json_array_append_new(list, json_string(*choice));
    json_object_set_new(schema, "enum", list);
    return schema;
}

static json_t *array_schema(const struct json_field *field)
{
    json_t *schema = typed("array");
    set_int(schema, "minItems", field->least);
    set_int(schema, "maxItems", field->greatest);
    json_object_set_new(schema, "items", value_schema(field->item));
    return schema;
}

static json_t *form_schema(const char *format)
{
    return json_pack("{s:s, s:s}", "type", "string", "format", format);
}

static json_t *bare_schema(const struct json_field *field)
{
    switch (field->kind) {
    case JSON_KIND_TEXT:
    case JSON_KIND_LINES:
        return text_schema(field);
    case JSON_KIND_INT:
        return int_schema(field);
    case JSON_KIND_BOOL:
        return typed("boolean");
    case JSON_KIND_TIME:
        return form_schema("date-time");
    case JSON_KIND_UUID:
        return form_schema("uuid");
    case JSON_KIND_ENUM:
        return choice_schema(field);
    case JSON_KIND_ARRAY:
        return array_schema(field);
    case JSON_KIND_OBJECT:
        return json_schema(field->shape);
    case JSON_KIND_ANY_OBJECT:
        break;
    }
    return typed("object");
}

static json_t *value_schema(const struct json_field *field)
{
    json_t *schema = bare_schema(field);
    if (field->text)
        json_object_set_new(schema, "description", json_string(field->text));
    return schema;
}

json_t *json_schema(const struct json_field *shape)
{
    json_t *members = json_object(), *required = json_array();
    for (; shape->name; shape++) {
        json_object_set_new(members, shape->name, value_schema(shape));
        if (shape->required)
            json_array_append_new(required, json_string(shape->name));
    }
    json_t *schema = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", members,
                               "additionalProperties", 0);
    if (json_array_size(required) > 0)
        json_object_set(schema, "required", required);
    json_decref(required);
    return schema;
}
