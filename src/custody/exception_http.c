#include <stdlib.h>

#include "account/account.h"
#include "custody/custody_http.h"
#include "custody/exception_db.h"
#include "http/respond.h"

// The work list: what was recorded although something was odd, what is missing, and what a person
// decides about it. Which answers there are is data, custody.answer in migrations/0008d_care.sql.

enum { LIMIT = 100, LIMIT_MAX = 500, NOTE_MAX = 1000 };
enum { READERS = ROLE_CLERK | ROLE_HUB | ROLE_OFFICER | ROLE_SUPERVISOR };
enum { DECIDERS = ROLE_CLERK | ROLE_HUB | ROLE_SUPERVISOR };

static const struct json_field list_query[] = {
    {"resolved", JSON_KIND_BOOL, .text = "Those that were decided, instead of the open ones"},
    {"code", JSON_KIND_TEXT, false, 1, 40,
     .text = "Only of this kind, see the vocabulary's warnings"},
    {"unit", JSON_KIND_TEXT, false, 2, 20, .text = "Only of this unit, of those one answers for"},
    {"overdue", JSON_KIND_BOOL, .text = "Only what should have been decided by now"},
    {"mine", JSON_KIND_BOOL, .text = "Only what I have taken"},
    {"counts", JSON_KIND_BOOL, .text = "Also how many are open, by age, kind and unit"},
    {"next", JSON_KIND_TEXT, false, 1, 20, .text = "Cursor of the page before"},
    {"limit", JSON_KIND_INT, false, 1, LIMIT_MAX, .text = "Most rows"},
    {0},
};

static const struct json_field resolve_body[] = {
    {"decision", JSON_KIND_TEXT, true, 1, 40,
     .text = "Code of one of the answers that the exception itself names"},
    {"note", JSON_KIND_LINES, false, 1, NOTE_MAX,
     .text = "Why; must be there where the answer says so"},
    {0},
};

// Ids and cursors are decimal numbers to us, opaque to others. -1: not one of ours.
static int64_t number_of(const char *text)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' ? value : -1;
}

static void wrong_cursor(struct request *req)
{
    struct json_errors errors = {0};
    json_error_add(&errors, "/next", "format", "Con trỏ không đúng.", "Not a cursor of ours.");
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
}

static void list_get(struct request *req)
{
    const char *next = json_text(req->args, "next");
    struct exception_ask ask = {
        .open = !json_bool(req->args, "resolved"),
        .overdue = json_bool(req->args, "overdue"),
        .mine = json_bool(req->args, "mine"),
        .counts = json_bool(req->args, "counts"),
        .code = json_text(req->args, "code"),
        .unit = json_text(req->args, "unit"),
        .after = next ? number_of(next) : 0,
        .limit = (int32_t)json_int(req->args, "limit", LIMIT),
    };
    if (ask.after < 0)
        wrong_cursor(req);
    else
        exception_list(req->app->db, &req->who, &ask, custody_reply, req);
}

// The id in the path; anything else is answered not-found, and -1.
static int64_t id_of(struct request *req)
{
    int64_t id = number_of(req->params[0]);
    if (id < 0)
        reply_problem(req, ERR_NOT_FOUND, NULL);
    return id;
}

static void one_get(struct request *req)
{
    int64_t id = id_of(req);
    if (id >= 0)
        exception_get(req->app->db, &req->who, id, custody_reply, req);
}

static void resolve_post(struct request *req)
{
    struct write_id write;
    int64_t id = id_of(req);
    if (id >= 0 && custody_write_id(req, &write))
        exception_resolve(req->app->db, &req->who, &write, id, json_text(req->body, "decision"),
                          json_text(req->body, "note"), custody_reply_written, req);
}

static void turn(struct request *req, bool take)
{
    struct write_id write;
    int64_t id = id_of(req);
    if (id >= 0 && custody_write_id(req, &write))
        exception_turn(req->app->db, &req->who, &write, id, take, custody_reply, req);
}

static void take_post(struct request *req)
{
    turn(req, true);
}

static void give_back_post(struct request *req)
{
    turn(req, false);
}

const struct route exception_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/custody/exceptions",
     .roles = READERS,
     .handle = list_get,
     .query = list_query,
     .text_vi = "Các ngoại lệ chờ xử lý của đơn vị và của các cơ quan mà bưu cục phục vụ, quá hạn "
                "trước; kể cả việc tìm kiếm.",
     .text_en = "Exceptions that wait for a person, the overdue first: the unit's, and of the "
                "agencies it serves; searches too."},
    {.method = HTTP_GET,
     .path = "/v1/custody/exceptions/{id}",
     .roles = READERS,
     .handle = one_get,
     .text_vi = "Một ngoại lệ: nguyên nhân có thể, hiện trạng, và mỗi cách xử lý sẽ làm gì.",
     .text_en =
         "One exception: its likely cause, where the thing stands, and what each answer would "
         "do."},
    {.method = HTTP_POST,
     .path = "/v1/custody/exceptions/{id}/resolve",
     .roles = DECIDERS,
     .handle = resolve_post,
     .body = resolve_body,
     .text_vi = "Xử lý một ngoại lệ: ghi quyết định và thực hiện việc đó.",
     .text_en = "Decides about an exception, and does what was decided."},
    {.method = HTTP_POST,
     .path = "/v1/custody/exceptions/{id}/take",
     .roles = DECIDERS,
     .handle = take_post,
     .text_vi = "Nhận xử lý một ngoại lệ.",
     .text_en = "Takes an exception to deal with it."},
    {.method = HTTP_POST,
     .path = "/v1/custody/exceptions/{id}/give_back",
     .roles = DECIDERS,
     .handle = give_back_post,
     .text_vi = "Trả lại một ngoại lệ đã nhận xử lý.",
     .text_en = "Gives back an exception that was taken."},
    {0}};
