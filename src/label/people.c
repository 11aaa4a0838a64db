#include "label/people.h"

#include <string.h>

#include "base/json.h"

static const char *first_of(const char *a, const char *b)
{
    return a && *a ? a : b;
}

static void set(json_t *party, const char *name, const char *value)
{
    if (value && *value)
        json_object_set_new(party, name, json_string(value));
}

// For a result, what the applicant wrote for its delivery goes before who they are.
static json_t *party_of(struct arena *arena, const json_t *personal, const json_t *facts,
                        bool result)
{
    const json_t *applicant = json_object_get(personal, "applicant");
    const json_t *to = result ? json_object_get(personal, "result_to") : NULL;
    const json_t *there = json_object_get(to, "address");
    const json_t *home = there ? there : json_object_get(applicant, "address");
    const char *line = json_text(home, "line"), *place = json_text(facts, "citizen_place");
    const char *waits = json_text(facts, "citizen_waits_at");
    json_t *party = json_object();
    set(party, "name", first_of(json_text(to, "name"), json_text(applicant, "name")));
    set(party, "phone", first_of(json_text(to, "phone"), json_text(applicant, "phone")));
    if (waits)
        set(party, "address", waits);
    else
        set(party, "address",
            line && *line && place ? arena_printf(arena, "%s, %s", line, place)
                                   : first_of(line, place));
    return party;
}

bool label_people_join(struct arena *arena, json_t *facts, const char *personal)
{
    const char *citizen = json_text(facts, "citizen"), *leg = json_text(facts, "leg");
    if (citizen) {
        json_t *sealed = personal ? json_loads(personal, JSON_REJECT_DUPLICATES, NULL) : NULL;
        if (personal && !json_is_object(sealed)) {
            json_decref(sealed);
            return false;
        }
        json_t *party = sealed ? party_of(arena, sealed, facts, leg && strcmp(leg, "result") == 0)
                               : json_pack("{s:s}", "name", "(dữ liệu đã xoá)");
        json_object_set_new(facts, citizen, party);
        json_decref(sealed);
    }
    json_object_del(facts, "citizen");
    json_object_del(facts, "citizen_place");
    json_object_del(facts, "citizen_waits_at");
    return true;
}
