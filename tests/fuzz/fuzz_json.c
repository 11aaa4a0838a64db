#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "fuzz.h"

// Any bytes at all, as the body of a route: what is accepted keeps the shape, is clean, and is
// accepted again as it was written; what is refused says where and why.

static const char *const kinds[] = {"send", "receive", "both", NULL};

static const struct json_field papers[] = {
    {"name", JSON_KIND_TEXT, true, 1, 40},
    {"originals", JSON_KIND_INT, true, 0, 99},
    {"a/b~c", JSON_KIND_BOOL, false},
    {0},
};

static const struct json_field paper = {"paper", JSON_KIND_OBJECT, .shape = papers};

static const struct json_field shape[] = {
    {"id", JSON_KIND_UUID, true},
    {"service", JSON_KIND_ENUM, true, .choices = kinds},
    {"at", JSON_KIND_TIME, false},
    {"note", JSON_KIND_LINES, false, 0, 100},
    {"list", JSON_KIND_ARRAY, false, 1, 3, .item = &paper},
    {"any", JSON_KIND_ANY_OBJECT, false},
    {0},
};

static void must(bool good)
{
    if (!good)
        abort();
}

static void check_errors(const struct json_errors *errors)
{
    must(errors->count > 0 && errors->count <= JSON_ERRORS_MAX);
    for (int i = 0; i < errors->count; i++) {
        const struct json_error *error = &errors->list[i];
        must(error->pointer[0] == '\0' || error->pointer[0] == '/');
        must(error->code[0] && error->detail_vi[0] && error->detail_en[0]);
    }
}

static void check_text(struct arena *arena, const json_t *value)
{
    const char *text = json_string_value(value);
    const char *clean = text_clean(arena, text, strlen(text), true);
    must(strlen(text) == json_string_length(value) && clean && strcmp(text, clean) == 0);
}

static void check_texts(struct arena *arena, json_t *value)
{
    const char *name;
    json_t *member;
    size_t index;
    if (json_is_string(value))
        check_text(arena, value);
    json_array_foreach(value, index, member) check_texts(arena, member);
    json_object_foreach(value, name, member) check_texts(arena, member);
}

static void check_shape(json_t *document)
{
    uint8_t id[UUID_BYTES];
    int64_t at;
    const char *time = json_text(document, "at"), *note = json_text(document, "note");
    must(uuid_parse(json_text(document, "id"), id));
    must(!time || clock_parse(time, &at));
    must(!note || text_length(note) <= 100);
    must(json_array_size(json_object_get(document, "list")) <= 3);
}

static void check_again(struct arena *arena, json_t *document)
{
    struct json_errors errors;
    json_t *again = NULL;
    char *text = json_dumps(document, JSON_COMPACT);
    must(text != NULL);
    must(json_read(arena, text, strlen(text), shape, &again, &errors) == ERR_OK);
    must(json_equal(document, again));
    json_decref(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct json_errors errors;
    json_t *document;
    arena_init(&arena);
    enum err err = json_read(&arena, (const char *)data, size, shape, &document, &errors);
    if (err == ERR_OK) {
        check_texts(&arena, document);
        check_shape(document);
        check_again(&arena, document);
    } else if (err == ERR_INVALID_FIELDS) {
        check_errors(&errors);
    } else {
        must(err == ERR_INVALID_JSON && !document);
    }
    json_decref(document);
    arena_finish(&arena);
    return 0;
}
