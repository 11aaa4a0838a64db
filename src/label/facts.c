#include "label/facts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/clock.h"
#include "base/text.h"
#include "label/say.h"
#include "label/template.h"
#include "postal/postal.h"

static const char *const field_names[] = {
#define FIELD_NAME(name, text) #name,
    LABEL_FIELDS(FIELD_NAME) NULL};
static const char *const code_names[] = {"qr", "qr_short", "code128"};
const struct label_words label_words = {"shipment", field_names, NULL};

enum label_code_kind label_code_named(const char *name)
{
    int i = 0;
    while (i < LABEL_CODE_COUNT && strcmp(code_names[i], name) != 0)
        i++;
    return (enum label_code_kind)i;
}

// --- the document --------------------------------------------------------------------------------

static const char *const legs[] = {
    "outward", "supplement", "inter_agency", "result", "originals", "back_to_agency", NULL};

const struct json_field label_party_shape[] = {
    {"name", JSON_KIND_TEXT, true, 0, LABEL_FACT_MAX, .text = "Person, office or agency"},
    {"address", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "Street, commune, province"},
    {"phone", JSON_KIND_TEXT, false, 0, 40, .text = "Printed masked, but for its last digits"},
    {0}};
const struct json_field label_place_shape[] = {
    {"code", JSON_KIND_TEXT, true, 1, 40, .text = "Code of the unit"},
    {"name", JSON_KIND_TEXT, true, 1, LABEL_FACT_MAX, .text = "Name of the unit"},
    {0}};
const struct json_field label_routing_shape[] = {
    {"postcode", JSON_KIND_TEXT, false, 0, 12, .text = "Five digits"},
    {"hub", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "Hub"},
    {"office", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "Delivery office or agency"},
    {0}};

const struct json_field label_facts_shape[] = {
    LABEL_FACT_PAPER,
    {"number", JSON_KIND_TEXT, true, 13, 13, .text = "S10 number"},
    {"leg", JSON_KIND_ENUM, true, .choices = legs, .text = "Which way it goes"},
    {"piece", JSON_KIND_INT, false, 1, 99, .text = "Piece n"},
    {"pieces", JSON_KIND_INT, false, 1, 99, .text = "of m"},
    {"copy", JSON_KIND_INT, false, 1, 100000, .text = "1 is the first print"},
    {"office", JSON_KIND_INT, false, 0, 0xffffff, .text = "Number of the office in the QR"},
    {"printed_at", JSON_KIND_TIME, false, .text = "Day of the label; now when absent"},
    {"weight_g", JSON_KIND_INT, false, 0, 100000, .text = "Grams"},
    {"origin", JSON_KIND_OBJECT, true, .shape = label_place_shape, .text = "Office of origin"},
    {"sender", JSON_KIND_OBJECT, true, .shape = label_party_shape, .text = "Sender"},
    {"recipient", JSON_KIND_OBJECT, true, .shape = label_party_shape, .text = "Recipient"},
    {"return_to", JSON_KIND_OBJECT, false, .shape = label_party_shape, .text = "Return address"},
    {"routing", JSON_KIND_OBJECT, true, .shape = label_routing_shape, .text = "Routing code"},
    {0}};

// --- values --------------------------------------------------------------------------------------

const char *label_clean(struct arena *arena, const char *text)
{
    const utf8proc_option_t options =
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_IGNORE | UTF8PROC_STRIPCC | UTF8PROC_STRIPNA;
    utf8proc_uint8_t *done = NULL;
    if (!text || !*text)
        return NULL;
    utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)text,
                                        (utf8proc_ssize_t)strlen(text), &done, options);
    const char *copy = len > 0 ? arena_copy(arena, done, (size_t)len) : NULL;
    free(done);
    return copy;
}

static const struct leg_name {
    const char *leg, *vi, *en;
} leg_names[] = {
    {"outward", "HỒ SƠ GỬI CƠ QUAN", "Dossier to the agency"},
    {"supplement", "HỒ SƠ BỔ SUNG", "Supplement to a dossier"},
    {"inter_agency", "HỒ SƠ LIÊN CƠ QUAN", "Between agencies"},
    {"result", "TRẢ KẾT QUẢ", "Result to the applicant"},
    {"originals", "HOÀN TRẢ BẢN CHÍNH", "Originals to the applicant"},
    {"back_to_agency", "CHUYỂN HOÀN CƠ QUAN", "Back to the agency"},
};

static void set_leg(const json_t *facts, struct label_data *out)
{
    const char *leg = json_text(facts, "leg");
    for (size_t i = 0; i < countof(leg_names); i++) {
        if (leg && strcmp(leg_names[i].leg, leg) == 0) {
            out->field[LABEL_leg] = leg_names[i].vi;
            out->field[LABEL_leg_en] = leg_names[i].en;
        }
    }
}

static const char *service_of(char first)
{
    switch (first) {
    case 'E':
        return "Chuyển phát nhanh";
    case 'R':
        return "Bưu gửi bảo đảm";
    case 'V':
        return "Bưu gửi khai giá";
    case 'C':
        return "Bưu kiện";
    default:
        return "Bưu gửi";
    }
}

static void set_party(struct arena *arena, const json_t *party, struct label_data *out,
                      enum label_field name, enum label_field address, enum label_field phone)
{
    out->field[name] = label_clean(arena, json_text(party, "name"));
    out->field[address] = label_clean(arena, json_text(party, "address"));
    out->field[phone] =
        json_text(party, "phone") ? text_mask_phone(arena, json_text(party, "phone")) : NULL;
}

static void set_places(struct arena *arena, const json_t *facts, struct label_data *out)
{
    const json_t *origin = json_object_get(facts, "origin");
    const json_t *routing = json_object_get(facts, "routing");
    const json_t *home = json_object_get(facts, "return_to");
    const char *name = label_clean(arena, json_text(origin, "name"));
    const char *code = label_clean(arena, json_text(origin, "code"));
    if (name && code)
        out->field[LABEL_origin] = arena_printf(arena, "%s (%s)", name, code);
    out->field[LABEL_routing_postcode] = label_clean(arena, json_text(routing, "postcode"));
    out->field[LABEL_routing_hub] = label_clean(arena, json_text(routing, "hub"));
    out->field[LABEL_routing_office] = label_clean(arena, json_text(routing, "office"));
    name = label_clean(arena, json_text(home, "name"));
    const char *address = label_clean(arena, json_text(home, "address"));
    out->field[LABEL_return_address] =
        name && address ? arena_printf(arena, "%s, %s", name, address) : name;
}

static void set_counts(struct arena *arena, const json_t *facts, int64_t at, struct label_data *out)
{
    char text[CLOCK_TEXT];
    int64_t copy = json_int(facts, "copy", 1), weight = json_int(facts, "weight_g", 0);
    clock_format_people(at, text);
    out->field[LABEL_date] = arena_printf(arena, "%.10s", text);
    out->field[LABEL_piece] =
        arena_printf(arena, "%lld/%lld", (long long)json_int(facts, "piece", 1),
                     (long long)json_int(facts, "pieces", 1));
    if (weight > 0)
        out->field[LABEL_weight] = arena_printf(arena, "%lld g", (long long)weight);
    if (copy > 1)
        out->field[LABEL_reprint] = arena_printf(arena, "IN LẠI (%lld)", (long long)copy);
}

const char *label_link(struct arena *arena, const char *track, const char *number)
{
    const char *host = strstr(track, "://");
    if (!host)
        return NULL;
    char *lower = arena_strdup(arena, host + 3);
    for (char *at = lower; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return arena_printf(arena, "%s%s", lower, number);
}

static bool set_codes(struct arena *arena, const json_t *facts, int64_t at,
                      const struct label_source *source, struct label_data *out)
{
    char text[LABEL_CODE_CHARS + 1];
    int64_t copy = json_int(facts, "copy", 1);
    const char *number = json_text(facts, "number");
    struct label_code code = {.office = (uint32_t)json_int(facts, "office", 0),
                              .day = label_day(at),
                              .copy = (uint8_t)(copy > 255 ? 255 : copy),
                              .flags = source->demo ? LABEL_FLAG_DEMO : 0};
    memcpy(code.number, number, sizeof code.number);
    if (!label_code_make(source->keys, &code, text))
        return false;
    out->code[LABEL_CODE128] = arena_strdup(arena, number);
    out->code[LABEL_QR] = arena_printf(arena, "%s%s", source->links->code, text);
    out->code[LABEL_QR_SHORT] = arena_printf(arena, "%s%s", source->links->track, number);
    out->field[LABEL_link] = label_link(arena, source->links->track, number);
    return true;
}

bool label_data_make(struct arena *arena, const json_t *facts, const struct label_source *source,
                     struct label_data *out)
{
    char groups[S10_GROUPED];
    int64_t at = source->now;
    const char *number = json_text(facts, "number"), *printed = json_text(facts, "printed_at");
    *out = (struct label_data){0};
    if (!number || strlen(number) != 13 || (printed && !clock_parse(printed, &at)) ||
        !set_codes(arena, facts, at, source, out))
        return false;
    s10_group(number, groups);
    out->field[LABEL_number] = arena_strdup(arena, groups);
    out->field[LABEL_service] = service_of(number[0]);
    out->field[LABEL_demo] = say_demo(source->demo);
    set_leg(facts, out);
    set_party(arena, json_object_get(facts, "sender"), out, LABEL_sender_name, LABEL_sender_address,
              LABEL_sender_phone);
    set_party(arena, json_object_get(facts, "recipient"), out, LABEL_recipient_name,
              LABEL_recipient_address, LABEL_recipient_phone);
    set_places(arena, facts, out);
    set_counts(arena, facts, at, out);
    return true;
}
