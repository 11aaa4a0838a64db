#include "label/invitation.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "label/say.h"
#include "postal/postal.h"

static const char *const fields[] = {
#define FIELD_NAME(name, text) #name,
    INVITATION_FIELDS(FIELD_NAME) NULL};
const struct label_words invitation_words = {"invitation", fields, NULL};
_Static_assert((int)INVITATION_FIELD_COUNT <= (int)LABEL_FIELDS_MAX, "too many fields");

static const struct json_field span_shape[] = {
    {"from", JSON_KIND_TEXT, true, 1, 8, .text = "07:30"},
    {"to", JSON_KIND_TEXT, true, 1, 8, .text = "11:30"},
    {0}};
static const struct json_field span = {.kind = JSON_KIND_OBJECT, .shape = span_shape};
static const struct json_field office_shape[] = {
    {"code", JSON_KIND_TEXT, true, 1, 40, .text = "Code of the unit"},
    {"name", JSON_KIND_TEXT, true, 1, LABEL_FACT_MAX, .text = "Name of the unit"},
    {"address", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "Where to go"},
    {"phone", JSON_KIND_TEXT, false, 0, 40, .text = "For questions"},
    {"hours", JSON_KIND_ARRAY, false, 0, 4, .item = &span, .text = "Of a working day"},
    {0}};

const struct json_field invitation_shape[] = {
    LABEL_FACT_PAPER,
    {"number", JSON_KIND_TEXT, true, 13, 13, .text = "S10 number"},
    {"attempt", JSON_KIND_INT, true, 1, 9, .text = "1 is the first invitation"},
    {"most", JSON_KIND_INT, true, 1, 9, .text = "How many there are at most"},
    {"invited_on", JSON_KIND_TEXT, true, 10, 40, .text = "Day of the invitation"},
    {"until", JSON_KIND_TEXT, false, 10, 40, .text = "Last day to come"},
    {"office", JSON_KIND_OBJECT, true, .shape = office_shape, .text = "Where it waits"},
    {"sender", JSON_KIND_OBJECT, false, .shape = label_party_shape, .text = "Agency it comes from"},
    {"recipient", JSON_KIND_OBJECT, true, .shape = label_party_shape, .text = "Addressee"},
    {"identity", JSON_KIND_BOOL, .text = "An identity paper is looked at"},
    {"addressee_only", JSON_KIND_BOOL, .text = "Nobody else may fetch it"},
    {"old_papers", JSON_KIND_BOOL, .text = "Old papers are surrendered"},
    {0}};

static bool is(const json_t *facts, const char *name)
{
    return json_is_true(json_object_get(facts, name));
}

static void set_attempt(struct arena *arena, const json_t *facts, struct label_data *out)
{
    int64_t attempt = json_int(facts, "attempt", 1);
    bool last = attempt >= json_int(facts, "most", 1);
    out->field[INVITATION_attempt] =
        arena_printf(arena, "LẦN %" PRId64 "%s", attempt, last ? " · LẦN CUỐI" : "");
    out->field[INVITATION_attempt_en] = arena_printf(arena, "%s invitation",
                                                     last           ? "Last"
                                                     : attempt == 1 ? "First"
                                                                    : "Another");
    out->field[INVITATION_date] = say_day(arena, json_text(facts, "invited_on"));
    if (!json_text(facts, "until"))
        return;
    out->field[INVITATION_until] = say_day(arena, json_text(facts, "until"));
    out->field[INVITATION_then] = last ? "Quá ngày này, bưu gửi được chuyển hoàn nơi gửi."
                                       : "Quá ngày này, bưu cục gửi giấy mời lần tiếp theo.";
    out->field[INVITATION_then_en] = last ? "After that day it goes back to the sender."
                                          : "After that day you are invited again.";
}

static void set_office(struct arena *arena, const json_t *office, struct label_data *out)
{
    size_t i;
    const json_t *one;
    const char *hours = "";
    out->field[INVITATION_office] = label_clean(arena, json_text(office, "name"));
    out->field[INVITATION_office_address] = label_clean(arena, json_text(office, "address"));
    out->field[INVITATION_office_phone] = label_clean(arena, json_text(office, "phone"));
    json_array_foreach(json_object_get(office, "hours"), i, one)
    {
        hours = arena_printf(arena, "%s%s%s–%s", hours, *hours ? " và " : "",
                             json_text(one, "from"), json_text(one, "to"));
    }
    if (*hours)
        out->field[INVITATION_hours] =
            label_clean(arena, arena_printf(arena, "%s các ngày làm việc", hours));
}

static void set_papers(const json_t *facts, struct label_data *out)
{
    if (is(facts, "identity"))
        out->field[INVITATION_identity] =
            "Thẻ căn cước, hộ chiếu hoặc giấy tờ tùy thân còn hiệu lực của người đến nhận.";
    out->field[INVITATION_proxy] =
        is(facts, "addressee_only")
            ? "Chỉ phát cho chính người có tên trên giấy mời; không nhận thay."
            : "Người nhận thay mang thêm giấy ủy quyền của người có tên trên giấy mời.";
    if (is(facts, "old_papers"))
        out->field[INVITATION_old_papers] =
            "Bản chính giấy tờ cũ phải nộp lại cho cơ quan cấp kết quả.";
}

bool invitation_make(struct arena *arena, const json_t *facts, const struct label_source *source,
                     struct label_data *out)
{
    char groups[S10_GROUPED];
    const char *number = json_text(facts, "number");
    const json_t *recipient = json_object_get(facts, "recipient");
    *out = (struct label_data){0};
    if (!number || strlen(number) != 13 || !s10_valid(number))
        return false;
    s10_group(number, groups);
    out->field[INVITATION_number] = arena_strdup(arena, groups);
    out->field[INVITATION_sender] =
        label_clean(arena, json_text(json_object_get(facts, "sender"), "name"));
    out->field[INVITATION_recipient_name] = label_clean(arena, json_text(recipient, "name"));
    out->field[INVITATION_recipient_address] = label_clean(arena, json_text(recipient, "address"));
    set_attempt(arena, facts, out);
    set_office(arena, json_object_get(facts, "office"), out);
    set_papers(facts, out);
    out->code[LABEL_CODE128] = arena_strdup(arena, number);
    out->code[LABEL_QR_SHORT] = arena_printf(arena, "%s%s", source->links->track, number);
    out->field[INVITATION_link] = label_link(arena, source->links->track, number);
    out->field[INVITATION_demo] = say_demo(source->demo);
    return true;
}
