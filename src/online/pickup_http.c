#include <string.h>

#include "account/account.h"
#include "base/clock.h"
#include "base/log.h"
#include "dossier/dossier.h"
#include "http/respond.h"
#include "http/server.h"
#include "online/draft_http.h"

// The visits that applicants asked for, for the post office that makes them.

static const struct json_field pickups_query[] = {
    {"day", JSON_KIND_TEXT, true, 10, 10, .text = "2026-11-30"},
    {0},
};
static const struct json_field days_query[] = {
    {"commune", JSON_KIND_TEXT, true, 5, 5, .text = "Where the papers are fetched"},
    {0},
};

static void visits_read(void *arg, const struct db_result *r);

static void pickups_get(struct request *req)
{
    const char *day = json_text(req->args, "day");
    struct json_errors errors = {0};
    if (clock_is_date(day)) {
        pickups_of(req->app->db, &req->who, day, visits_read, req);
        return;
    }
    json_error_add(&errors, "/day", "format", "Ngày có dạng 2026-11-30.",
                   "A day is written 2026-11-30.");
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
}

// Of the people what the courier needs: whom to call, and where to go.
static void show_people(json_t *visit, const json_t *people)
{
    const json_t *applicant = json_object_get(people, "applicant");
    json_t *there = json_object_get(json_object_get(people, "pickup"), "address");
    json_t *name = json_object_get(applicant, "name"), *phone = json_object_get(applicant, "phone");
    json_t *address = there ? there : json_object_get(applicant, "address");
    if (name)
        json_object_set(visit, "name", name);
    if (phone)
        json_object_set(visit, "phone", phone);
    if (address)
        json_object_set(visit, "address", address);
}

static json_t *visit_of(struct request *req, const struct db_result *r, int row)
{
    size_t len;
    const char *text = db_json(r, row, VISIT_TOLD, &len);
    json_t *visit = json_loadb(text, len, 0, NULL);
    if (db_is_null(r, row, VISIT_SEALED)) {
        json_object_set_new(visit, "erased", json_true());
        return visit;
    }
    json_t *people =
        dossier_people(&req->arena, db_text(r, row, VISIT_SEALED), db_len(r, row, VISIT_SEALED),
                       db_text(r, row, VISIT_KEY), db_len(r, row, VISIT_KEY));
    if (!people)
        log_error("online", req->subject, "people of %s cannot be opened",
                  json_text(visit, "number"));
    show_people(visit, people);
    json_decref(people);
    return visit;
}

static void visits_read(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    json_t *items = json_array();
    for (int row = 0; row < r->rows; row++)
        json_array_append_new(items, visit_of(req, r, row));
    reply_json(req, 200, json_pack("{s:o}", "items", items));
}

static void days_read(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

static void days_get(struct request *req)
{
    pickup_days(req->app->db, json_text(req->args, "commune"), days_read, req);
}

const struct route pickup_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/pickups",
     .roles = ROLE_CLERK | ROLE_SUPERVISOR | ROLE_COURIER,
     .handle = pickups_get,
     .query = pickups_query,
     .text_vi =
         "Các lượt đến nhận hồ sơ tận nơi của bưu cục trong một ngày; bưu tá chỉ thấy lượt được "
         "giao cho mình. Việc đọc được ghi lại.",
     .text_en = "The pick-ups of one's post office on a day; a courier sees those given to them. "
                "Reading is recorded."},
    {.method = HTTP_GET,
     .path = "/v1/pickups/days",
     .handle = days_get,
     .query = days_query,
     .text_vi = "Những ngày có thể hẹn bưu tá đến nhận ở xã, phường này.",
     .text_en = "The days on which a pick-up in this commune may be asked for."},
    {0},
};
