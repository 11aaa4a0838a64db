#include "online/draft.h"

#include <string.h>

#include "base/json_form.h"

enum { PAPERS_MAX = 100, NOTE_MAX = 1000, WEIGHT_G = 100 };

static const char *const ways[] = {"pickup", "drop", "none", NULL};
static const char *const halves[] = {"morning", "afternoon", NULL};

static const struct json_field paper_item = {.kind = JSON_KIND_ANY_OBJECT};

const struct json_field draft_shape[] = {
    {"form", JSON_KIND_ANY_OBJECT, .text = "Answers to the procedure's form, by field"},
    {"applicant", JSON_KIND_ANY_OBJECT, .text = "As in an intake"},
    {"proxy", JSON_KIND_ANY_OBJECT, .text = "Who acts for the applicant, as in an intake"},
    {"agency", JSON_KIND_TEXT, false, 0, 20, .text = "Code of the agency that decides"},
    {"bring", JSON_KIND_ENUM, .choices = ways,
     .text = "How papers get there: fetched, brought to a post office, or none"},
    {"documents", JSON_KIND_ARRAY, false, 0, PAPERS_MAX, .item = &paper_item,
     .text = "Papers that come themselves: name, originals, copies"},
    {"pickup", JSON_KIND_ANY_OBJECT, .text = "day, half (morning, afternoon), address?"},
    {"drop", JSON_KIND_ANY_OBJECT, .text = "unit?: code of the post office"},
    {"result_to", JSON_KIND_ANY_OBJECT, .text = "As in an intake"},
    {"fees", JSON_KIND_ANY_OBJECT, .text = "Which of the agency's fees, as in an intake"},
    {"note", JSON_KIND_LINES, false, 0, NOTE_MAX},
    {0},
};

static const struct json_field pickup_shape[] = {
    {"day", JSON_KIND_TEXT, true, 10, 10, .text = "2026-11-30"},
    {"half", JSON_KIND_ENUM, true, .choices = halves},
    {"address", JSON_KIND_OBJECT, .shape = address_shape,
     .text = "The applicant's own when absent"},
    {0},
};

static const struct json_field drop_shape[] = {
    {"unit", JSON_KIND_TEXT, false, 2, 20, .text = "Code of the post office"},
    {0},
};

// As it must be to be filed.
static const struct json_field filed_shape[] = {
    {"form", JSON_KIND_ANY_OBJECT},
    {"applicant", JSON_KIND_OBJECT, true, .shape = applicant_shape},
    {"proxy", JSON_KIND_OBJECT, .shape = proxy_shape},
    {"agency", JSON_KIND_TEXT, true, 2, 20},
    {"bring", JSON_KIND_ENUM, true, .choices = ways},
    {"documents", JSON_KIND_ARRAY, false, 0, PAPERS_MAX, .item = &document_item},
    {"pickup", JSON_KIND_OBJECT, .shape = pickup_shape},
    {"drop", JSON_KIND_OBJECT, .shape = drop_shape},
    {"result_to", JSON_KIND_OBJECT, true, .shape = result_shape},
    {"fees", JSON_KIND_OBJECT, .shape = fees_shape},
    {"note", JSON_KIND_LINES, false, 0, NOTE_MAX},
    {0},
};

static bool is(const json_t *object, const char *member, const char *word)
{
    const char *text = json_text(object, member);
    return text && strcmp(text, word) == 0;
}

static void check_form(struct arena *arena, const json_t *procedure, json_t *says,
                       struct json_errors *errors)
{
    const json_t *form = json_object_get(procedure, "form");
    json_t *answers = json_object_get(says, "form"), *none = json_object();
    if (json_is_object(form))
        json_form_check(arena, form, json_is_object(answers) ? answers : none, "/form", errors);
    else if (json_object_size(answers) > 0)
        json_error_add(errors, "/form", "unknown", "Thủ tục này không có tờ khai trực tuyến.",
                       "This procedure has no form on line.");
    json_decref(none);
}

// The papers fit the way on which they come.
static void check_ways(const json_t *says, struct json_errors *errors)
{
    bool papers = json_array_size(json_object_get(says, "documents")) > 0;
    bool none = is(says, "bring", "none");
    if (none && papers)
        json_error_add(
            errors, "/bring", "choice",
            "Có giấy tờ phải nộp trực tiếp: xin chọn bưu tá đến nhận hoặc mang ra bưu cục.",
            "Some papers must come themselves: choose a pick-up or a post office.");
    else if (!none && !papers && json_text(says, "bring"))
        json_error_add(errors, "/bring", "choice",
                       "Không có giấy tờ nào cần gửi: xin chọn nộp hoàn toàn trực tuyến.",
                       "No paper is to be sent: choose to file wholly on line.");
    if (is(says, "bring", "pickup") && !json_object_get(says, "pickup"))
        json_error_add(errors, "/pickup/day", "required", "Xin chọn ngày bưu tá đến nhận.",
                       "Choose the day of the pick-up.");
}

// What was not begun yet is named field by field.
static void begin_members(json_t *says)
{
    json_t *applicant = json_object_get(says, "applicant");
    if (!applicant) {
        applicant = json_object();
        json_object_set_new(says, "applicant", applicant);
    }
    if (json_is_object(applicant) && !json_object_get(applicant, "address"))
        json_object_set_new(applicant, "address", json_object());
    if (!json_object_get(says, "result_to"))
        json_object_set_new(says, "result_to", json_object());
}

void draft_check(struct arena *arena, const json_t *procedure, json_t *says,
                 struct json_errors *errors)
{
    begin_members(says);
    check_form(arena, procedure, says, errors);
    if (json_check(arena, says, filed_shape, errors) == ERR_OK)
        check_ways(says, errors);
    intake_check_people(says, errors);
}

// --- what it makes -------------------------------------------------------------------------------

static const char *service_of(const json_t *says)
{
    const json_t *to = json_object_get(says, "result_to");
    bool sends = !is(says, "bring", "none");
    bool receives = is(to, "kind", "address") || is(to, "kind", "post_office");
    return sends && receives ? "both" : sends ? "send" : receives ? "receive" : "none";
}

static void copy(json_t *into, const char *name, const json_t *from, const char *member)
{
    json_t *value = json_object_get(from, member);
    if (value)
        json_object_set(into, name, value);
}

static json_t *how_of(const json_t *says)
{
    json_t *how = json_object(), *pickup = json_object_get(says, "pickup");
    const json_t *home = json_object_get(json_object_get(says, "applicant"), "address");
    const json_t *there = json_object_get(pickup, "address");
    copy(how, "bring", says, "bring");
    if (is(says, "bring", "pickup")) {
        copy(how, "day", pickup, "day");
        copy(how, "half", pickup, "half");
        copy(how, "commune", there ? there : home, "commune");
    } else if (is(says, "bring", "drop")) {
        copy(how, "unit", json_object_get(says, "drop"), "unit");
    }
    return how;
}

static json_t *intake_of(const char *id, const char *procedure, const json_t *says)
{
    static const char *const same[] = {"form",      "applicant", "proxy", "agency",
                                       "result_to", "note",      "fees"};
    json_t *body = json_pack("{s:s, s:s, s:s, s:i}", "id", id, "procedure", procedure, "service",
                             service_of(says), "weight_g", WEIGHT_G);
    json_t *papers = json_object_get(says, "documents");
    for (size_t i = 0; i < countof(same); i++)
        copy(body, same[i], says, same[i]);
    if (papers)
        json_object_set(body, "documents", papers);
    else
        json_object_set_new(body, "documents", json_array());
    if (is(says, "bring", "pickup"))
        copy(body, "pickup", says, "pickup");
    return body;
}

void draft_filing(struct arena *arena, const char *id, const char *procedure, const json_t *says,
                  struct draft_filing *out)
{
    json_t *body = intake_of(id, procedure, says), *how = how_of(says);
    dossier_filing(arena, body, &out->dossier);
    out->how = json_line(arena, how, 0);
    json_decref(body);
    json_decref(how);
}
