#include "account/device_http.h"

#include <stdlib.h>

#include "account/account.h"
#include "account/device_db.h"
#include "base/clock.h"
#include "base/json.h"
#include "http/respond.h"
#include "http/server.h"

enum { NAME_MAX_CHARS = 200, LIMIT = 100, LIMIT_MAX = 500, SEQ_MAX = 2147483647 };

static const struct json_field register_body[] = {
    {"id", JSON_KIND_UUID, true, .text = "Made by the device; the same id again gives a new token"},
    {"name", JSON_KIND_TEXT, true, 1, NAME_MAX_CHARS, .text = "How its user knows it"},
    {"first_seq", JSON_KIND_INT, false, 1, SEQ_MAX,
     .text = "The number of its first scan; else 1. What is missing before it is no gap"},
    {0},
};

static const struct json_field list_query[] = {
    {"limit", JSON_KIND_INT, false, 1, LIMIT_MAX, .text = "How many at most; else 100"},
    {"next", JSON_KIND_TEXT, false, 1, 20, .text = "As the list before gave it"},
    {0},
};

static void device_done(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

struct registering {
    struct request *req;
    char token[API_KEY_TEXT];
};

static void register_done(void *arg, const struct db_result *r);

static void register_post(struct request *req)
{
    struct registering *registering = arena_alloc(&req->arena, sizeof *registering);
    uint8_t key[UUID_BYTES], hash[TOKEN_HASH];
    registering->req = req;
    if (!uuid_parse(json_text(req->body, "id"), key)) {
        reply_problem(req, ERR_INVALID_FIELDS, NULL);
        return;
    }
    api_key_make(registering->token, hash);
    device_register(req->app->db, &req->who, key, json_text(req->body, "name"), hash,
                    json_int(req->body, "first_seq", 1), register_done, registering);
}

// The token is told once: the database has only its hash.
static void register_done(void *arg, const struct db_result *r)
{
    struct registering *registering = arg;
    size_t len;
    if (r->err != ERR_OK) {
        reply_row(registering->req, 201, db_row_json(r));
        return;
    }
    const char *json = db_json(r, 0, 0, &len);
    json_t *device = json_loadb(json, len, 0, NULL);
    json_object_set_new(device, "token", json_string(registering->token));
    reply_json(registering->req, 201, device);
}

static void list_get(struct request *req)
{
    const char *next = json_text(req->args, "next");
    char *end = NULL;
    long long after = next ? strtoll(next, &end, 10) : 0;
    if (next && (*end || after <= 0)) {
        struct json_errors errors = {0};
        json_error_add(&errors, "/next", "format", "Con trỏ không đúng.", "Not a cursor of ours.");
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
        return;
    }
    device_list(req->app->db, &req->who, after, (int32_t)json_int(req->args, "limit", LIMIT),
                device_done, req);
}

static void one_get(struct request *req)
{
    uint8_t key[UUID_BYTES];
    if (request_uuid(req, key))
        device_get(req->app->db, &req->who, key, device_done, req);
}

static void revoke_post(struct request *req)
{
    uint8_t key[UUID_BYTES];
    if (request_uuid(req, key))
        device_revoke(req->app->db, &req->who, key, device_done, req);
}

const struct route device_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/devices",
     .roles = ROLE_STAFF,
     .handle = register_post,
     .body = register_body,
     .text_vi = "Đăng ký thiết bị của tài khoản; mã truy cập chỉ hiện một lần.",
     .text_en = "Registers a device of the account; its token is told once."},
    {.method = HTTP_GET,
     .path = "/v1/devices",
     .roles = ROLE_STAFF,
     .handle = list_get,
     .query = list_query,
     .text_vi = "Thiết bị của tôi; giám sát viên thấy của cả tỉnh, quản trị viên thấy tất cả.",
     .text_en = "My devices; supervisors see those of their province, administrators all."},
    {.method = HTTP_GET,
     .path = "/v1/devices/{id}",
     .roles = ROLE_STAFF,
     .handle = one_get,
     .text_vi = "Một thiết bị: độ lệch đồng hồ, số thứ tự cuối và những số còn thiếu.",
     .text_en = "One device: its clock's skew, its last sequence number and the gaps below it."},
    {.method = HTTP_POST,
     .path = "/v1/devices/{id}/revoke",
     .roles = ROLE_STAFF,
     .handle = revoke_post,
     .text_vi = "Thu hồi thiết bị: mã truy cập mất hiệu lực, lượt quét của nó không được nhận.",
     .text_en = "Revokes a device: its token ends and its scans are taken no more."},
    {0}};
