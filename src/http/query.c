#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "http/conn.h"
#include "http/route.h"

// The query string, or a form, as a JSON object that the route's table checks like a body.

struct pair {
    const char *name, *value; // NULL value: not clean text
};

// Next "name=value" from *at; false at the end.
static bool next_pair(struct request *req, const char **at, struct pair *pair)
{
    *at += strspn(*at, "&");
    size_t len = strcspn(*at, "&");
    if (len == 0)
        return false;
    size_t name = strcspn(*at, "=&");
    pair->name = request_decode(req, *at, name, true);
    pair->value = name == len ? "" : request_decode(req, *at + name + 1, len - name - 1, true);
    *at += len;
    return true;
}

const char *request_arg(struct request *req, const char *name)
{
    const char *at = req->query;
    struct pair pair;
    while (next_pair(req, &at, &pair))
        if (pair.name != NULL && strcmp(pair.name, name) == 0)
            return pair.value;
    return NULL;
}

static const struct json_field *field_of(const struct json_field *shape, const char *name)
{
    for (; shape->name != NULL; shape++)
        if (strcmp(shape->name, name) == 0)
            return shape;
    return NULL;
}

// What does not look like the kind stays text, and the check names it.
static json_t *typed(const struct json_field *field, const char *text)
{
    char *end;
    errno = 0;
    if (field != NULL && field->kind == JSON_KIND_INT && *text != '\0') {
        long long value = strtoll(text, &end, 10);
        if (*end == '\0' && errno == 0 && (*text == '-' || (*text >= '0' && *text <= '9')))
            return json_integer(value);
    }
    if (field != NULL && field->kind == JSON_KIND_BOOL) {
        if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
            return json_true();
        if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
            return json_false();
    }
    return json_string(text);
}

static enum err refuse(struct request *req, struct json_errors *errors, const char *name,
                       const char *code)
{
    bool twice = strcmp(code, "repeated") == 0;
    json_error_add(errors, arena_printf(&req->arena, "/%s", name ? name : ""), code,
                   twice ? "Tham số bị lặp lại." : "Tham số có ký tự không hợp lệ.",
                   twice ? "The parameter is repeated."
                         : "The parameter holds invalid characters.");
    return ERR_INVALID_FIELDS;
}

static enum err read_pairs(struct request *req, const char *at, json_t *into,
                           const struct json_field *shape, struct json_errors *errors)
{
    struct pair pair;
    while (next_pair(req, &at, &pair)) {
        if (pair.name == NULL || pair.value == NULL)
            return refuse(req, errors, pair.name, "controls");
        if (json_object_get(into, pair.name) != NULL)
            return refuse(req, errors, pair.name, "repeated");
        json_object_set_new(into, pair.name, typed(field_of(shape, pair.name), pair.value));
    }
    return json_check(&req->arena, into, shape, errors);
}

enum err request_query(struct request *req, struct json_errors *errors)
{
    static const struct json_field nothing[] = {{0}};
    const struct json_field *shape = req->route->query;
    if (shape == NULL && (req->query[0] == '\0' || !request_under_v1(req)))
        return ERR_OK; // pages are reached with all kinds of tails
    req->args = json_object();
    return read_pairs(req, req->query, req->args, shape ? shape : nothing, errors);
}

// Of the target the parser has seen the escapes, of a body nobody has.
static bool escapes_whole(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '%' && !(isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2])))
            return false;
    return true;
}

enum err request_form(struct request *req, struct json_errors *errors)
{
    const char *text = arena_copy(&req->arena, req->raw, req->raw_len);
    if (strlen(text) != req->raw_len || !escapes_whole(text))
        return ERR_BAD_REQUEST;
    req->body = json_object();
    return read_pairs(req, text, req->body, req->route->body, errors);
}
