#include "custody/custody_http.h"

#include <stdlib.h>

#include "account/account.h"
#include "custody/custody_db.h"
#include "http/respond.h"

enum { LIMIT = 100, LIMIT_MAX = 500, NOTE_MAX = 1000 };

static const char *const decisions[] = {"accept", "correct", "dismiss", NULL};

static const struct json_field exceptions_query[] = {
    {"resolved", JSON_KIND_BOOL, .text = "Those that were decided, instead of the open ones"},
    {"next", JSON_KIND_TEXT, false, 1, 20, .text = "Cursor of the page before"},
    {"limit", JSON_KIND_INT, false, 1, LIMIT_MAX, .text = "Most rows"},
    {0},
};

static const struct json_field resolve_body[] = {
    {"decision", JSON_KIND_ENUM, true, .choices = decisions,
     .text = "accept: the fact stands; correct: other scans put it right; dismiss: nothing to do"},
    {"note", JSON_KIND_LINES, true, 1, NOTE_MAX, .text = "Why"},
    {0},
};

void custody_reply(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

void custody_reply_written(void *arg, const struct db_result *r)
{
    custody_poke();
    reply_row(arg, 200, db_row_json(r));
}

void custody_reply_created(void *arg, const struct db_result *r)
{
    custody_poke();
    reply_row(arg, 201, db_row_json(r));
}

static void held_get(struct request *req)
{
    custody_held(req->app->db, &req->who, custody_reply, req);
}

// What stands under a scanner: any shipment or container, with the steps it allows to the asker.
static void thing_get(struct request *req)
{
    char subject[SUBJECT_TEXT];
    enum err err = custody_code_read(req->params[0], subject);
    if (err != ERR_OK)
        reply_problem(req, err, NULL);
    else
        custody_thing(req->app->db, &req->who, subject, custody_reply, req);
}

static void vocabulary_get(struct request *req)
{
    custody_vocabulary(req->app->db, custody_reply, req);
}

// Ids and cursors are decimal numbers to us, opaque to others. -1: not one of ours.
static int64_t number_of(const char *text)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' ? value : -1;
}

static void exceptions_get(struct request *req)
{
    const char *next = json_text(req->args, "next");
    int64_t after = next ? number_of(next) : 0;
    if (after < 0) {
        struct json_errors errors = {0};
        json_error_add(&errors, "/next", "format", "Con trỏ không đúng.", "Not a cursor of ours.");
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
        return;
    }
    exception_list(req->app->db, &req->who, !json_bool(req->args, "resolved"), after,
                   (int32_t)json_int(req->args, "limit", LIMIT), custody_reply, req);
}

static void resolve_post(struct request *req)
{
    int64_t id = number_of(req->params[0]);
    struct write_id write;
    if (id < 0)
        reply_problem(req, ERR_NOT_FOUND, NULL);
    else if (custody_write_id(req, &write))
        exception_resolve(req->app->db, &req->who, &write, id, json_text(req->body, "decision"),
                          json_text(req->body, "note"), custody_reply_written, req);
}

const struct route custody_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/custody/held",
     .roles = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER | ROLE_SUPERVISOR,
     .handle = held_get,
     .text_vi = "Những gì tôi và đơn vị tôi đang giữ.",
     .text_en = "What I, and my unit as a place, hold now."},
    {.method = HTTP_GET,
     .path = "/v1/custody/items/{code}",
     .roles = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER | ROLE_SUPERVISOR,
     .handle = thing_get,
     .text_vi = "Một bưu gửi hoặc túi, và những thao tác được phép lúc này.",
     .text_en = "One shipment or container, and the scans it allows now."},
    {.method = HTTP_GET,
     .path = "/v1/custody/vocabulary",
     .roles = ROLE_STAFF | ROLE_INTEGRATOR,
     .handle = vocabulary_get,
     .text_vi = "Các loại quét, trạng thái, bước chuyển, cảnh báo và lý do, bằng hai thứ tiếng.",
     .text_en = "Kinds of scan, states, the steps between them, warnings and reasons, in both "
                "languages."},
    {.method = HTTP_GET,
     .path = "/v1/custody/exceptions",
     .roles = ROLE_CLERK | ROLE_HUB | ROLE_OFFICER | ROLE_SUPERVISOR,
     .handle = exceptions_get,
     .query = exceptions_query,
     .text_vi = "Các ngoại lệ chờ xử lý của đơn vị và của các cơ quan mà bưu cục phục vụ.",
     .text_en = "Exceptions that wait for a person: the unit's, and of the agencies it serves."},
    {.method = HTTP_POST,
     .path = "/v1/custody/exceptions/{id}/resolve",
     .roles = ROLE_CLERK | ROLE_HUB | ROLE_SUPERVISOR,
     .handle = resolve_post,
     .body = resolve_body,
     .text_vi = "Ghi quyết định xử lý một ngoại lệ.",
     .text_en = "Records what a person decided about an exception."},
    {0}};
