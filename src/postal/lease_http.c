#include "postal/lease_http.h"

#include <stdlib.h>

#include "account/account.h"
#include "base/clock.h"
#include "custody/custody.h"
#include "http/respond.h"
#include "http/server.h"
#include "postal/lease_db.h"
#include "postal/s10.h"

enum { COUNT_MAX = 5000, DAYS_MAX = 1095, WHY_MAX = 1000 };
enum { LIMIT = 50, LIMIT_MAX = 100, NUMBERS = 100, NUMBERS_MAX = 500 };
enum { READERS = ROLE_CLERK | ROLE_SUPERVISOR | ROLE_ADMIN };

static const char *const kinds[] = {"counter", "roll", NULL};
static const char *const states[] = {"open", "expired", "closed", "revoked", NULL};
static const char *const ends[] = {"used", "scanned", "unused", NULL};

static const struct json_field make_body[] = {
    {"id", JSON_KIND_UUID, .text = "Made by the client; the same again gives the same numbers"},
    {"kind", JSON_KIND_ENUM, true, .choices = kinds,
     .text = "counter: at most 500 for at most 30 days; roll: at most 5000, a supervisor's"},
    {"count", JSON_KIND_INT, true, 1, COUNT_MAX, .text = "Numbers in a row"},
    {"unit", JSON_KIND_TEXT, false, 2, 20, .text = "Code of the office; one's own when absent"},
    {"device", JSON_KIND_UUID, .text = "Of that unit; the one that asks when absent"},
    {"indicator", JSON_KIND_TEXT, false, 2, 2, .text = "Service indicator of S10; RR when absent"},
    {"days", JSON_KIND_INT, false, 1, DAYS_MAX,
     .text = "Until it expires; 7 for a counter, 730 for a roll when absent"},
    {0},
};

static const struct json_field close_body[] = {
    {"force", JSON_KIND_BOOL,
     .text = "Also with numbers that were scanned and no dossier has; a supervisor's"},
    {"reason", JSON_KIND_LINES, false, 1, WHY_MAX, .text = "Why; must be there with force"},
    {0},
};

static const struct json_field revoke_body[] = {
    {"reason", JSON_KIND_LINES, true, 1, WHY_MAX, .text = "Why"},
    {0},
};

static const struct json_field list_query[] = {
    {"unit", JSON_KIND_TEXT, false, 2, 20, .text = "Code of the office; one's own when absent"},
    {"state", JSON_KIND_ENUM, .choices = states, .text = "Only these"},
    {"next", JSON_KIND_TEXT, false, 1, 20, .text = "Cursor of the page before"},
    {"limit", JSON_KIND_INT, false, 1, LIMIT_MAX, .text = "Most rows"},
    {0},
};

static const struct json_field numbers_query[] = {
    {"state", JSON_KIND_ENUM, .choices = ends, .text = "Only these"},
    {"next", JSON_KIND_TEXT, false, 1, 20, .text = "Cursor of the page before"},
    {"limit", JSON_KIND_INT, false, 1, NUMBERS_MAX, .text = "Most rows"},
    {0},
};

static void made(void *arg, const struct db_result *r)
{
    reply_row(arg, 201, db_row_json(r));
}

static void done(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

static void wrong_cursor(struct request *req)
{
    struct json_errors errors = {0};
    json_error_add(&errors, "/next", "format", "Con trỏ không đúng.", "Not a cursor of ours.");
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
}

static void make_post(struct request *req)
{
    struct write_id write;
    if (!custody_write_id(req, &write))
        return;
    lease_make(req->app->db, &req->who, &write, json_line(&req->arena, req->body, 0), made, req);
}

static void list_get(struct request *req)
{
    const char *next = json_text(req->args, "next");
    char *end = NULL;
    long long after = next ? strtoll(next, &end, 10) : 0;
    if (next && (*end || after <= 0))
        wrong_cursor(req);
    else
        lease_list(req->app->db, &req->who, json_text(req->args, "unit"),
                   json_text(req->args, "state"), after,
                   (int32_t)json_int(req->args, "limit", LIMIT), done, req);
}

static void one_get(struct request *req)
{
    uint8_t key[UUID_BYTES];
    if (request_uuid(req, key))
        lease_get(req->app->db, &req->who, key, done, req);
}

static void numbers_get(struct request *req)
{
    const char *next = json_text(req->args, "next");
    uint8_t key[UUID_BYTES];
    if (next && !s10_valid(next))
        wrong_cursor(req);
    else if (request_uuid(req, key))
        lease_report(req->app->db, &req->who, key, json_text(req->args, "state"), next ? next : "",
                     (int32_t)json_int(req->args, "limit", NUMBERS), done, req);
}

static void close_post(struct request *req)
{
    uint8_t key[UUID_BYTES];
    struct write_id write;
    if (request_uuid(req, key) && custody_write_id(req, &write))
        lease_close(req->app->db, &req->who, &write, key, json_bool(req->body, "force"),
                    json_text(req->body, "reason"), done, req);
}

static void revoke_post(struct request *req)
{
    uint8_t key[UUID_BYTES];
    struct write_id write;
    if (request_uuid(req, key) && custody_write_id(req, &write))
        lease_revoke(req->app->db, &req->who, &write, key, json_text(req->body, "reason"), done,
                     req);
}

const struct route lease_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/leases",
     .roles = READERS,
     .handle = make_post,
     .body = make_body,
     .text_vi = "Cấp trước một dải số hiệu cho quầy làm việc ngoại tuyến hoặc cuộn nhãn in sẵn.",
     .text_en =
         "Leases numbers in a row to a counter that goes off line, or for a roll of labels."},
    {.method = HTTP_GET,
     .path = "/v1/leases",
     .roles = READERS,
     .handle = list_get,
     .query = list_query,
     .text_vi = "Các dải số cấp trước của một đơn vị, mới nhất trước: đã dùng, đã quét, chưa dùng.",
     .text_en = "The leases of a unit, newest first, with how many are used, scanned and unused."},
    {.method = HTTP_GET,
     .path = "/v1/leases/{id}",
     .roles = READERS,
     .handle = one_get,
     .text_vi = "Một dải số cấp trước và những số chưa dùng.",
     .text_en = "One lease and its unused numbers, the first 500."},
    {.method = HTTP_GET,
     .path = "/v1/leases/{id}/numbers",
     .roles = READERS,
     .handle = numbers_get,
     .query = numbers_query,
     .text_vi =
         "Đối chiếu từng số hiệu: đã dùng cho hồ sơ nào, đã quét mà chưa có hồ sơ, chưa dùng.",
     .text_en = "What became of each number: used by which dossier, scanned but without a dossier, "
                "or unused."},
    {.method = HTTP_POST,
     .path = "/v1/leases/{id}/close",
     .roles = READERS,
     .handle = close_post,
     .body = close_body,
     .text_vi = "Trả lại dải số: những số chưa dùng bị hủy, không cấp lại.",
     .text_en = "Closes a lease: its unused numbers are given up and never given again."},
    {.method = HTTP_POST,
     .path = "/v1/leases/{id}/revoke",
     .roles = ROLE_SUPERVISOR | ROLE_ADMIN,
     .handle = revoke_post,
     .body = revoke_body,
     .text_vi = "Thu hồi dải số, khi mất cuộn nhãn hoặc thiết bị.",
     .text_en = "Revokes a lease, when a roll or a device was lost."},
    {0}};
