#include "paper/people.h"

#include <sodium.h>
#include <string.h>

#include "base/json.h"
#include "base/seal.h"

struct joining {
    struct arena *arena;
    json_t *people; // opened; null: erased
};

// --- opening -------------------------------------------------------------------------------------

static uint8_t *bytes_of(struct arena *arena, const char *hex, size_t *len)
{
    size_t size = strlen(hex);
    uint8_t *out = arena_alloc(arena, size / 2 + 1);
    return sodium_hex2bin(out, size / 2, hex, size, NULL, len, NULL) == 0 ? out : NULL;
}

// A new reference; NULL when it cannot be opened.
static json_t *person_open(struct arena *arena, const json_t *one)
{
    const char *sealed = json_text(one, "sealed"), *key = json_text(one, "key");
    size_t len, key_len, plain_len;
    if (!sealed || !key)
        return json_null();
    const uint8_t *data = bytes_of(arena, sealed, &len), *with = bytes_of(arena, key, &key_len);
    const char *plain =
        data && with ? seal_open(arena, data, len, with, key_len, &plain_len) : NULL;
    return plain ? json_loads(plain, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

static bool people_open(struct joining *j, const json_t *sealed)
{
    size_t i;
    const json_t *one;
    json_array_foreach(sealed, i, one)
    {
        json_t *person = person_open(j->arena, one);
        if (!person || json_array_append_new(j->people, person) != 0)
            return false;
    }
    return true;
}

// --- what is asked for ---------------------------------------------------------------------------

static const json_t *at_path(const json_t *from, const char *path)
{
    size_t len = strcspn(path, ".");
    from = json_object_getn(from, path, len);
    return path[len] && from ? at_path(from, path + len + 1) : from;
}

static bool may_stand(const char *path)
{
    static const char *const members[] = {
        "applicant.name", "applicant.address", "applicant.phone",   "applicant.email",
        "proxy.name",     "proxy.phone",       "result_to.address", "result_to.name"};
    for (size_t i = 0; i < countof(members); i++) {
        if (strcmp(members[i], path) == 0)
            return true;
    }
    return false;
}

static const char *text_at(const struct joining *j, const json_t *person, const char *path)
{
    const json_t *value = path && may_stand(path) ? at_path(person, path) : NULL;
    if (json_is_object(value)) // an address
        value = json_object_get(value, "line");
    return json_is_string(value) && *json_string_value(value)
               ? arena_strdup(j->arena, json_string_value(value))
               : NULL;
}

static json_t *asked_for(const struct joining *j, const json_t *wish)
{
    const char *path = json_text(wish, "personal"), *place = json_text(wish, "place");
    const json_t *person =
        json_array_get(j->people, (size_t)json_int(wish, "of", 0)); // NULL: nobody
    if (json_is_null(person) && strcmp(path, "applicant.name") == 0)
        return json_string("(dữ liệu đã xoá)");
    const char *text = text_at(j, person, path);
    const char *with = text_at(j, person, json_text(wish, "with"));
    const char *parts[] = {text, place, with};
    const char *all = NULL;
    for (size_t i = 0; i < countof(parts); i++) {
        if (parts[i])
            all = all ? arena_printf(j->arena, "%s, %s", all, parts[i]) : parts[i];
    }
    return all ? json_string(all) : json_null();
}

// A new reference.
static json_t *filled(const struct joining *j, json_t *value)
{
    size_t i;
    json_t *member;
    const char *name;
    void *next;
    if (json_is_object(value) && json_text(value, "personal"))
        return asked_for(j, value);
    json_object_foreach_safe(value, next, name, member)
        json_object_set_new(value, name, filled(j, member));
    json_array_foreach(value, i, member) json_array_set_new(value, i, filled(j, member));
    return json_incref(value);
}

bool paper_people_join(struct arena *arena, json_t *document)
{
    struct joining j = {arena, json_array()};
    bool ok = people_open(&j, json_object_get(document, "people"));
    if (ok) {
        json_t *facts = json_object_get(document, "facts");
        json_object_set_new(document, "facts", filled(&j, facts));
    }
    json_object_del(document, "people");
    json_decref(j.people);
    return ok;
}
