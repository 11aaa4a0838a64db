#include "label/bag.h"

#include <inttypes.h>
#include <string.h>

#include "label/say.h"
#include "postal/postal.h"

static const char *const fields[] = {
#define FIELD_NAME(name, text) #name,
    BAG_FIELDS(FIELD_NAME) NULL};
const struct label_words bag_words = {"bag", fields, NULL};
_Static_assert((int)BAG_FIELD_COUNT <= (int)LABEL_FIELDS_MAX, "too many fields");

enum { DESPATCH_AT = 16, RECEPTACLE_AT = 20 };

const struct json_field bag_shape[] = {
    LABEL_FACT_PAPER,
    {"id", JSON_KIND_TEXT, true, 29, 40, .text = "S9 identifier"},
    {"origin", JSON_KIND_OBJECT, true, .shape = label_place_shape, .text = "Where it was made"},
    {"destination", JSON_KIND_OBJECT, true, .shape = label_place_shape, .text = "Who opens it"},
    {"routing", JSON_KIND_OBJECT, true, .shape = label_routing_shape, .text = "Routing code"},
    {"made_at", JSON_KIND_TIME, true, .text = "When it was sealed, or made"},
    {"year", JSON_KIND_INT, false, 2000, 9999, .text = "Of its despatch"},
    {"seal", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "Number of the seal"},
    {"weight_g", JSON_KIND_INT, false, 0, 1000000, .text = "Grams, with what is in it"},
    {"items", JSON_KIND_INT, false, 0, 100000, .text = "How many lie in it"},
    {"highest", JSON_KIND_BOOL, .text = "The last of its despatch"},
    {0}};

// Its letters, its figures: a line can only be broken between them.
static const char *groups(struct arena *arena, const char *id)
{
    static const char space[] = "\u00a0";
    char plain[S9_GROUPED];
    const char *text = "";
    s9_group(id, plain);
    for (int i = 0, seen = 0; plain[i]; i++) {
        bool letters_end = plain[i] == ' ' && seen == S9_LANE;
        seen += plain[i] != ' ';
        text = plain[i] == ' ' ? arena_printf(arena, "%s%s", text, letters_end ? " " : space)
                               : arena_printf(arena, "%s%c", text, plain[i]);
    }
    return text;
}

static void set_numbers(struct arena *arena, const json_t *facts, const char *id,
                        struct label_data *out)
{
    int64_t year = json_int(facts, "year", 0);
    out->field[BAG_number] = groups(arena, id);
    out->field[BAG_despatch] = year ? arena_printf(arena, "%.4s/%" PRId64, id + DESPATCH_AT, year)
                                    : arena_printf(arena, "%.4s", id + DESPATCH_AT);
    out->field[BAG_receptacle] = arena_printf(arena, "%.3s", id + RECEPTACLE_AT);
    out->field[BAG_registered] = s9_registered(id) ? "BẢO ĐẢM" : NULL;
    out->field[BAG_highest] =
        json_is_true(json_object_get(facts, "highest")) ? "TÚI CUỐI CHUYẾN" : NULL;
    out->code[LABEL_CODE128] = out->code[LABEL_QR_SHORT] = arena_strdup(arena, id);
}

static void set_places(struct arena *arena, const json_t *facts, struct label_data *out)
{
    const json_t *origin = json_object_get(facts, "origin");
    const json_t *to = json_object_get(facts, "destination");
    const json_t *routing = json_object_get(facts, "routing");
    const char *name = label_clean(arena, json_text(origin, "name"));
    const char *code = label_clean(arena, json_text(origin, "code"));
    const char *hub = label_clean(arena, json_text(routing, "hub"));
    if (name && code)
        out->field[BAG_origin] = arena_printf(arena, "%s (%s)", name, code);
    out->field[BAG_destination] = label_clean(arena, json_text(to, "name"));
    out->field[BAG_destination_code] = label_clean(arena, json_text(to, "code"));
    out->field[BAG_routing_postcode] = label_clean(arena, json_text(routing, "postcode"));
    if (hub && out->field[BAG_destination] && strcmp(hub, out->field[BAG_destination]) != 0)
        out->field[BAG_routing_hub] = hub;
}

bool bag_make(struct arena *arena, const json_t *facts, const struct label_source *source,
              struct label_data *out)
{
    char id[S9_TEXT];
    const char *typed = json_text(facts, "id");
    int64_t weight = json_int(facts, "weight_g", 0), items = json_int(facts, "items", 0);
    *out = (struct label_data){0};
    if (!typed || !s9_normalize(typed, id))
        return false;
    set_numbers(arena, facts, id, out);
    set_places(arena, facts, out);
    out->field[BAG_date] = say_day(arena, json_text(facts, "made_at"));
    out->field[BAG_seal] = label_clean(arena, json_text(facts, "seal"));
    out->field[BAG_weight] = weight > 0 ? say_weight(arena, weight) : NULL;
    out->field[BAG_items] = items > 0 ? arena_printf(arena, "%" PRId64 " bưu gửi", items) : NULL;
    out->field[BAG_demo] = say_demo(source->demo);
    return true;
}
