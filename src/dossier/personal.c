#include "dossier/personal.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "custody/custody.h"

static const char *const personal_members[] = {"applicant", "proxy",  "result_to",
                                               "note",      "pickup", "form"};
// Of these the database knows some, which may have changed since; the rest was sealed.
static const char *const shared_members[] = {"result_to", "pickup"};
// What delivery needs: of these people this.
static const char *const delivery_people[] = {"applicant", "proxy", "result_to"};
static const char *const delivery_members[] = {"kind", "unit", "name", "phone", "address"};
// Of what was sealed with a scan: where it was made, and what is told of it to whoever delivers.
static const char *const where_members[] = {"place", "position"};
static const char *const delivery_words[] = {"reason", "next_action"};
static const char *const delivery_recipient[] = {"name", "relation", "phone"};
static const char *const delivery_proof[] = {"kind"};
static const char *const public_members[] = {
    "id",   "procedure", "agency", "receiving", "service", "documents", "weight_g",
    "seal", "extras",    "paid",   "number",    "at",      "fees"};

static json_t *picked(const json_t *from, const char *const *names, size_t count)
{
    json_t *part = json_object();
    for (size_t i = 0; i < count; i++) {
        json_t *value = json_object_get(from, names[i]);
        if (value && !json_is_null(value))
            json_object_set(part, names[i], value);
    }
    return part;
}

static void set_text(json_t *object, const char *name, const json_t *from, const char *member)
{
    json_t *value = json_object_get(from, member);
    if (value && !json_is_null(value))
        json_object_set(object, name, value);
}

// Seals the personal members of `people`; gives the public ones of `body`, with what the rules need
// to know of these people. A new reference.
static json_t *split(struct arena *arena, const json_t *body, const json_t *people,
                     struct sealed *sealed)
{
    const json_t *applicant = json_object_get(people, "applicant");
    const json_t *result = json_object_get(people, "result_to");
    const json_t *home = json_object_get(applicant, "address");
    const json_t *there = json_object_get(result, "address");

    json_t *part = picked(people, personal_members, countof(personal_members));
    const char *plain = json_line(arena, part, 0);
    seal_close(arena, plain, strlen(plain), sealed);
    json_decref(part);

    part = picked(body, public_members, countof(public_members));
    set_text(part, "applicant_kind", applicant, "kind");
    set_text(part, "from_commune", home, "commune");
    set_text(part, "result_to_kind", result, "kind");
    set_text(part, "result_unit", result, "unit");
    set_text(part, "result_commune", json_is_object(there) ? there : home, "commune");
    return part;
}

const char *personal_split(struct arena *arena, const json_t *body, struct sealed *sealed)
{
    json_t *part = split(arena, body, body, sealed);
    const char *text = json_line(arena, part, 0);
    json_decref(part);
    return text;
}

// Appends the paths at which the two differ; of what only one of them has, its own alone.
static void differences(struct arena *arena, json_t *list, const char *path, const json_t *before,
                        const json_t *after)
{
    if (json_equal(before, after))
        return;
    if (!json_is_object(before) || !json_is_object(after)) {
        json_array_append_new(list, json_string(path));
        return;
    }
    const char *name;
    json_t *value, *names = json_copy((json_t *)before);
    json_object_update_missing(names, (json_t *)after);
    json_object_foreach(names, name, value)
        differences(arena, list, *path ? arena_printf(arena, "%s.%s", path, name) : name,
                    json_object_get(before, name), json_object_get(after, name));
    json_decref(names);
}

const char *personal_correct(struct arena *arena, const json_t *body, const void *old, size_t len,
                             const void *key, size_t key_len, struct sealed *sealed)
{
    size_t plain_len;
    const char *plain = seal_open(arena, old, len, key, key_len, &plain_len);
    json_t *before = plain ? json_loadb(plain, plain_len, 0, NULL) : NULL;
    if (!before)
        return NULL;
    json_t *after = json_copy(before);
    json_t *changes = picked(body, personal_members, countof(personal_members));
    json_object_update(after, changes);
    json_t *part = split(arena, body, after, sealed);
    json_t *list = json_array();
    differences(arena, list, "", before, after);
    json_object_set_new(part, "corrected", list);
    const char *text = json_line(arena, part, 0);
    json_decref(part);
    json_decref(changes);
    json_decref(after);
    json_decref(before);
    return text;
}

bool personal_copy(struct arena *arena, const void *old, size_t len, const void *key,
                   size_t key_len, struct sealed *sealed)
{
    size_t plain_len;
    const char *plain = seal_open(arena, old, len, key, key_len, &plain_len);
    if (plain)
        seal_close(arena, plain, plain_len, sealed);
    return plain != NULL;
}

json_t *personal_open(struct arena *arena, const void *sealed, size_t len, const void *key,
                      size_t key_len)
{
    size_t plain_len;
    const char *plain = seal_open(arena, sealed, len, key, key_len, &plain_len);
    return plain ? json_loadb(plain, plain_len, 0, NULL) : NULL;
}

static bool figure(unsigned char c)
{
    return c >= '0' && c <= '9';
}

// Also letters that are not of ASCII.
static bool figure_or_letter(unsigned char c)
{
    return figure(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

// By what counts alone: 0905 000 123 is 0905000123, b-123 is B123. What has none of it is nobody's.
static bool same_marks(const char *a, const char *b, bool (*counts)(unsigned char))
{
    for (bool any = false; a && b; a++, b++, any = true) {
        while (*a && !counts((unsigned char)*a))
            a++;
        while (*b && !counts((unsigned char)*b))
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return any;
    }
    return false;
}

bool personal_same(const json_t *one, const json_t *other)
{
    one = json_object_get(one, "applicant");
    other = json_object_get(other, "applicant");
    const char *name = json_text(one, "name"), *name_too = json_text(other, "name");
    const char *id = json_text(one, "id_number"), *id_too = json_text(other, "id_number");
    if (!name || !name_too || strcmp(name, name_too) != 0)
        return false;
    return id && id_too ? same_marks(id, id_too, figure_or_letter)
                        : same_marks(json_text(one, "phone"), json_text(other, "phone"), figure);
}

// Where the result goes, with the applicant's own address where it names none. A new reference.
static json_t *result_of(const json_t *part)
{
    json_t *result = json_copy(json_object_get(part, "result_to"));
    const char *kind = json_text(result, "kind");
    json_t *home = json_object_get(json_object_get(part, "applicant"), "address");
    if (kind && strcmp(kind, "address") == 0 && home && !json_object_get(result, "address"))
        json_object_set(result, "address", home);
    return result;
}

bool personal_covers(const json_t *one, const json_t *other)
{
    static const char *const kept[] = {"proxy", "note"};
    json_t *result = result_of(one), *result_too = result_of(other);
    bool covers = result == result_too || json_equal(result, result_too);
    json_decref(result);
    json_decref(result_too);
    for (size_t i = 0; i < countof(kept); i++) {
        const json_t *lost = json_object_get(other, kept[i]);
        covers = covers && (!lost || json_equal(lost, json_object_get(one, kept[i])));
    }
    return covers;
}

// Leaves of the personal part what delivery needs. Takes the reference, gives a new one.
static json_t *cut_to_delivery(json_t *part)
{
    json_t *left = json_object();
    for (size_t i = 0; i < countof(delivery_people); i++) {
        const json_t *who = json_object_get(part, delivery_people[i]);
        if (json_is_object(who))
            json_object_set_new(left, delivery_people[i],
                                picked(who, delivery_members, countof(delivery_members)));
    }
    json_decref(part);
    return left;
}

static void name_commune(json_t *address, const json_t *names)
{
    const char *code = json_text(address, "commune");
    json_t *name = code ? json_object_get(names, code) : NULL;
    if (name)
        json_object_set(address, "commune_name", name);
}

bool personal_join(struct arena *arena, json_t *view, const void *sealed, size_t len,
                   const void *key, size_t key_len)
{
    size_t plain_len;
    const char *reach = json_text(view, "personal");
    if (!reach || strcmp(reach, "none") == 0)
        return true;
    if (!sealed) {
        json_object_set_new(view, "erased", json_true());
        return true;
    }
    const char *plain = seal_open(arena, sealed, len, key, key_len, &plain_len);
    json_t *part = plain ? json_loadb(plain, plain_len, 0, NULL) : NULL;
    if (!part)
        return false;
    if (strcmp(reach, "full") != 0)
        part = cut_to_delivery(part);
    const json_t *names = json_object_get(view, "commune_names");
    name_commune(json_object_get(json_object_get(part, "applicant"), "address"), names);
    name_commune(json_object_get(json_object_get(part, "result_to"), "address"), names);
    for (size_t i = 0; i < countof(shared_members); i++) {
        json_object_update_missing(json_object_get(view, shared_members[i]),
                                   json_object_get(part, shared_members[i]));
        json_object_del(part, shared_members[i]);
    }
    json_object_update(view, part);
    json_decref(part);
    return true;
}

// --- of one event --------------------------------------------------------------------------------

static void set_some(json_t *object, const char *name, json_t *value)
{
    if (json_object_size(value))
        json_object_set(object, name, value);
    json_decref(value);
}

static json_t *told(const json_t *part, const char *reach)
{
    if (strcmp(reach, "full") == 0) {
        json_t *all = json_copy((json_t *)part);
        for (size_t i = 0; i < countof(where_members); i++)
            json_object_del(all, where_members[i]);
        return all;
    }
    if (strcmp(reach, "delivery") != 0)
        return json_object();
    json_t *some = picked(part, delivery_words, countof(delivery_words));
    set_some(some, "recipient",
             picked(json_object_get(part, "recipient"), delivery_recipient,
                    countof(delivery_recipient)));
    set_some(some, "proof",
             picked(json_object_get(part, "proof"), delivery_proof, countof(delivery_proof)));
    return some;
}

void personal_of_event(struct arena *arena, json_t *event, const char *reach, bool staff)
{
    json_t *payload = json_object_get(event, "payload");
    if (!payload)
        return;
    json_t *opened = custody_payload_open(arena, payload);
    const char *text = json_text(opened, "text");
    json_t *part = text ? json_loads(text, 0, NULL) : NULL;
    json_object_del(event, "payload");
    if (part) {
        set_some(event, "personal", told(part, reach));
        if (staff)
            set_some(event, "where", picked(part, where_members, countof(where_members)));
    } else if (!text) {
        json_object_update(event, opened); // that it was erased, or cannot be opened
    }
    json_decref(part);
    json_decref(opened);
}
