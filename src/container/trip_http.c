
#include "account/account.h"
#include "container/container_http.h"
#include "container/trip_db.h"
#include "http/respond.h"
#include "http/server.h"

enum { LIMIT = 100, LIMIT_MAX = 500 };
enum { SENDERS = ROLE_CLERK | ROLE_HUB };
enum { READERS = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_SUPERVISOR };

static const struct json_field create_body[] = {
    {"id", JSON_KIND_UUID, true, .text = "Made by the client; the same again gives the same trip"},
    {"code", JSON_KIND_TEXT, false, 3, 30,
     .text = "What a scan names as its target; made by the program when absent"},
    {"from", JSON_KIND_TEXT, false, 2, 20, .text = "Code of the unit; one's own when absent"},
    {"to", JSON_KIND_TEXT, true, 2, 20, .text = "Code of the unit where it ends"},
    {"carrier", JSON_KIND_TEXT, false, 1, 64,
     .text = "Login or id of the person who carries it, and so holds what rides on it"},
    {"departs_at", JSON_KIND_TIME, .text = "When it is to leave"},
    {0},
};

static const struct json_field end_body[] = {
    {"id", JSON_KIND_UUID, .text = "Made by the client; the same again gives the same reply"},
    {0},
};

static const struct json_field list_query[] = {
    {"open", JSON_KIND_BOOL, .text = "true: still under way; false: over; both when absent"},
    {"next", JSON_KIND_TEXT, false, 1, 20, .text = "Cursor of the page before"},
    {"limit", JSON_KIND_INT, false, 1, LIMIT_MAX, .text = "Most rows"},
    {0},
};

static const struct json_field get_query[] = {
    {"next", JSON_KIND_TEXT, false, 1, 29, .text = "Cursor of the page before"},
    {"limit", JSON_KIND_INT, false, 1, LIMIT_MAX, .text = "Most things that ride on it"},
    {0},
};

static void create(struct request *req)
{
    struct write_id write;
    if (!custody_write_id(req, &write))
        return;
    if (!json_text(req->body, "from") && req->who.unit_code)
        json_object_set_new(req->body, "from", json_string(req->who.unit_code));
    trip_create(req->app->db, &req->who, &write, json_line(&req->arena, req->body, 0),
                container_reply_created, req);
}

static void list(struct request *req)
{
    int64_t after;
    bool open = json_bool(req->args, "open");
    if (container_cursor(req, &after))
        trip_list(req->app->db, &req->who, json_object_get(req->args, "open") ? &open : NULL, after,
                  (int32_t)json_int(req->args, "limit", LIMIT), container_reply, req);
}

static void get(struct request *req)
{
    trip_get(req->app->db, req->params[0], json_text(req->args, "next"),
             (int32_t)json_int(req->args, "limit", LIMIT_MAX), container_reply, req);
}

static void arrive(struct request *req)
{
    struct write_id write;
    if (custody_write_id(req, &write))
        trip_arrive(req->app->db, &req->who, &write, req->params[0], container_reply_written, req);
}

static void end(struct request *req)
{
    struct write_id write;
    if (custody_write_id(req, &write))
        trip_end(req->app->db, &req->who, &write, req->params[0], container_reply_written, req);
}

const struct route trip_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/trips",
     .roles = SENDERS,
     .handle = create,
     .body = create_body,
     .text_vi = "Lập chuyến từ đơn vị của mình; người áp tải giữ mọi thứ trên chuyến.",
     .text_en = "Makes a trip from one's own unit; its carrier holds what rides on it."},
    {.method = HTTP_GET,
     .path = "/v1/trips",
     .roles = READERS,
     .handle = list,
     .query = list_query,
     .text_vi = "Các chuyến đi, đến đơn vị hoặc do tôi áp tải, mới nhất trước.",
     .text_en = "Trips from and to my unit and those I carry, newest first."},
    {.method = HTTP_GET,
     .path = "/v1/trips/{code}",
     .roles = READERS,
     .handle = get,
     .query = get_query,
     .text_vi = "Một chuyến và những gì đang ở trên chuyến.",
     .text_en = "One trip and what rides on it now."},
    {.method = HTTP_POST,
     .path = "/v1/trips/{code}/arrive",
     .roles = SENDERS,
     .handle = arrive,
     .body = end_body,
     .text_vi = "Chuyến đã đến: mọi thứ còn trên chuyến đến đây, chuyến kết thúc.",
     .text_en = "The trip has come: all that still rides on it arrives here, and it is over."},
    {.method = HTTP_POST,
     .path = "/v1/trips/{code}/end",
     .roles = READERS,
     .handle = end,
     .body = end_body,
     .text_vi = "Kết thúc chuyến; những gì chưa dỡ xuống thành ngoại lệ.",
     .text_en = "Ends the trip; what nobody saw come off becomes exceptions."},
    {0}};
