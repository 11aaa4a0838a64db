#include "base/json.h"

// The tables of base/json.h as JSON Schema 2020-12.

static json_t *value_schema(const struct json_field *field);

static void set(json_t *schema, const char *name, json_t *value)
{
    json_object_set_new(schema, name, value);
}

static void set_bounds(json_t *schema, const struct json_field *field, const char *least,
                       const char *greatest)
{
    if (field->least != 0)
        set(schema, least, json_integer(field->least));
    if (json_field_bounded(field))
        set(schema, greatest, json_integer(field->greatest));
}

static json_t *typed(const char *type)
{
    json_t *schema = json_object();
    set(schema, "type", json_string(type));
    return schema;
}

static json_t *string_schema(const struct json_field *field)
{
    json_t *schema = typed("string");
    if (field->kind == JSON_KIND_TIME)
        set(schema, "format", json_string("date-time"));
    else if (field->kind == JSON_KIND_UUID)
        set(schema, "format", json_string("uuid"));
    else if (field->kind == JSON_KIND_ENUM) {
        json_t *choices = json_array();
        for (const char *const *choice = field->choices; *choice; choice++)
            json_array_append_new(choices, json_string(*choice));
        set(schema, "enum", choices);
    } else
        set_bounds(schema, field, "minLength", "maxLength");
    return schema;
}

static json_t *int_schema(const struct json_field *field)
{
    json_t *schema = typed("integer");
    if (field->least != 0 || field->greatest != 0)
        set(schema, "minimum", json_integer(field->least));
    if (json_field_bounded(field))
        set(schema, "maximum", json_integer(field->greatest));
    return schema;
}

static json_t *array_schema(const struct json_field *field)
{
    json_t *schema = typed("array");
    set(schema, "items", value_schema(field->item));
    set_bounds(schema, field, "minItems", "maxItems");
    return schema;
}

static json_t *plain_schema(const struct json_field *field)
{
    switch (field->kind) {
    case JSON_KIND_INT:
        return int_schema(field);
    case JSON_KIND_BOOL:
        return typed("boolean");
    case JSON_KIND_OBJECT:
        return json_schema(field->shape);
    case JSON_KIND_ANY_OBJECT:
        return typed("object");
    case JSON_KIND_ARRAY:
        return array_schema(field);
    default:
        return string_schema(field);
    }
}

static json_t *value_schema(const struct json_field *field)
{
    json_t *schema = plain_schema(field);
    if (field->text)
        set(schema, "description", json_string(field->text));
    return schema;
}

json_t *json_schema(const struct json_field *shape)
{
    json_t *schema = typed("object"), *properties = json_object(), *required = json_array();
    for (const struct json_field *field = shape; field && field->name; field++) {
        set(properties, field->name, value_schema(field));
        if (field->required)
            json_array_append_new(required, json_string(field->name));
    }
    set(schema, "properties", properties);
    if (json_array_size(required) > 0)
        set(schema, "required", required);
    else
        json_decref(required);
    set(schema, "additionalProperties", json_false());
    return schema;
}
