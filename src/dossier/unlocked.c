#include "dossier/unlocked.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

void unlocked_phone(const json_t *personal, char digits[PHONE_DIGITS + 1])
{
    const char *phone = json_text(json_object_get(personal, "applicant"), "phone");
    memcpy(digits, "----", PHONE_DIGITS + 1);
    for (; phone && *phone; phone++) {
        if (!isdigit((unsigned char)*phone))
            continue;
        memmove(digits, digits + 1, PHONE_DIGITS - 1);
        digits[PHONE_DIGITS - 1] = *phone;
    }
}

static void set(json_t *object, const char *name, const char *value)
{
    if (value)
        json_object_set_new(object, name, json_string(value));
}

static json_t *masked(struct arena *arena, const json_t *person)
{
    const char *name = json_text(person, "name"), *phone = json_text(person, "phone");
    json_t *out = json_object();
    set(out, "name", name ? text_mask_name(arena, name) : NULL);
    set(out, "phone", phone ? text_mask_phone(arena, phone) : NULL);
    return out;
}

void unlocked_join(struct arena *arena, json_t *view, const json_t *personal)
{
    json_t *recipient = masked(arena, json_object_get(personal, "result_to"));
    json_object_set_new(view, "applicant", masked(arena, json_object_get(personal, "applicant")));
    if (json_object_size(recipient))
        json_object_set(json_object_get(view, "result"), "recipient", recipient);
    json_decref(recipient);
}
