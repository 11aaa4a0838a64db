#include "postal/calendar_http.h"

#include <string.h>

#include "account/account.h"
#include "http/respond.h"
#include "http/server.h"
#include "postal/calendar_db.h"
#include "postal/recompute.h"

enum { DAY = 10, TIME = 5, DAYS_MAX = 62, NAME_LONG = 200, REASON_MAX = 500, LIMIT = 50 };

static const char *const kinds[] = {"holiday", "compensatory", "swapped_working", "usual", NULL};

static const struct json_field day_shape[] = {
    {"day", JSON_KIND_TEXT, true, DAY, DAY, .text = "YYYY-MM-DD"},
    {"kind", JSON_KIND_ENUM, true, .choices = kinds,
     .text = "usual: the day has no entry of its own any more"},
    {"name", JSON_KIND_TEXT, false, 1, NAME_LONG, .text = "Why it is off, or worked"},
    {0}};
static const struct json_field day_item = {
    .name = "day", .kind = JSON_KIND_OBJECT, .shape = day_shape};

static const struct json_field weekday = {.kind = JSON_KIND_INT, .least = 1, .greatest = 7};

static const struct json_field hours_shape[] = {
    {"valid_from", JSON_KIND_TEXT, true, DAY, DAY, .text = "The first day on which they hold"},
    {"weekdays", JSON_KIND_ARRAY, false, 1, 7, .item = &weekday, .text = "1 Monday … 7 Sunday"},
    {"opens", JSON_KIND_TEXT, false, TIME, TIME, .text = "07:30"},
    {"break_from", JSON_KIND_TEXT, false, TIME, TIME},
    {"break_to", JSON_KIND_TEXT, false, TIME, TIME},
    {"closes", JSON_KIND_TEXT, false, TIME, TIME},
    {"remove", JSON_KIND_BOOL, .text = "What was decided for that day holds no more"},
    {0}};

#define CHANGE \
    {"unit", JSON_KIND_TEXT, false, 2, 20, .text = "Code of the unit; everywhere without it"}, \
        {"days", JSON_KIND_ARRAY, false, 1, DAYS_MAX, .item = &day_item}, \
    { \
        "hours", JSON_KIND_OBJECT, .shape = hours_shape, .text = "Office hours of the unit" \
    }

static const struct json_field preview_body[] = {CHANGE, {0}};

static const struct json_field change_body[] = {
    CHANGE,
    {"reason", JSON_KIND_LINES, true, 1, REASON_MAX, .text = "By which notice, and why"},
    {"confirm", JSON_KIND_TEXT, false, 1, 64, .text = "The tag of the preview that was seen"},
    {0}};

static const struct json_field changes_query[] = {
    {.name = "limit", .kind = JSON_KIND_INT, .least = 1, .greatest = 200, .text = "Most rows"},
    {.name = "next",
     .kind = JSON_KIND_TEXT,
     .least = 1,
     .greatest = 20,
     .text = "Where the page before ended"},
    {0}};

static void previewed(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

static struct db *connection(struct request *req)
{
    struct db *db = recompute_db(req->app);
    if (!db)
        reply_problem(req, ERR_BUSY, NULL);
    return db;
}

static void preview_post(struct request *req)
{
    struct db *db = connection(req);
    if (db)
        calendar_preview(db, json_line(&req->arena, req->body, 0), previewed, req);
}

static void changed(void *arg, const struct db_result *r)
{
    if (r->err == ERR_OK)
        recompute_wake();
    reply_row(arg, 201, db_row_json(r));
}

static void change_post(struct request *req)
{
    struct calendar_change change = {0};
    enum err err = request_idempotency_key(req, &change.idem);
    if (err != ERR_OK) {
        reply_problem(req, err, NULL);
        return;
    }
    change.body = json_line(&req->arena, req->body, 0);
    const char *text = json_line(&req->arena, req->body, JSON_SORT_KEYS);
    seal_digest(text, strlen(text), change.digest);
    struct db *db = connection(req);
    if (db)
        calendar_apply(db, &req->who, &change, changed, req);
}

static void changes_get(struct request *req)
{
    calendar_changes(req->app->db, (int32_t)json_int(req->args, "limit", LIMIT),
                     json_text(req->args, "next"), previewed, req);
}

const struct route calendar_routes[] = {
    {HTTP_POST, "/v1/calendar/previews", ROLE_ADMIN, preview_post, .body = preview_body,
     .text_vi =
         "Thay đổi lịch làm việc này sẽ dời những ngày hẹn nào: hạn trả, hạn trả lời cơ quan "
         "hỏi, lượt bưu tá đến nhận; chưa ghi gì.",
     .text_en = "Which promised dates a change of the calendar would move: due dates, answers to "
                "other agencies, pick-ups; nothing is written."},
    {HTTP_POST, "/v1/calendar/changes", ROLE_ADMIN, change_post, .body = change_body,
     .text_vi = "Thay đổi ngày nghỉ, ngày làm bù hoặc giờ làm việc; nếu dời ngày hẹn thì phải "
                "xác nhận bản xem trước.",
     .text_en = "Changes days off, days worked or office hours; what moves a promised date needs "
                "the word of who saw the preview."},
    {HTTP_GET, "/v1/calendar/changes", ROLE_ADMIN | ROLE_SUPERVISOR, changes_get,
     .query = changes_query,
     .text_vi = "Các lần thay đổi lịch làm việc: ai, khi nào, vì sao, trước đó ra sao.",
     .text_en = "The changes of the calendar: who, when, why, and what was before."},
    {0}};
