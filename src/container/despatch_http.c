#include <ctype.h>
#include <string.h>

#include "account/account.h"
#include "container/container_http.h"
#include "container/despatch_db.h"
#include "http/respond.h"
#include "http/server.h"

enum { LIMIT = 100, LIMIT_MAX = 500, S8 = 20 };
enum { SENDERS = ROLE_CLERK | ROLE_HUB };
enum { READERS = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_SUPERVISOR };

static const struct json_field close_body[] = {
    {"id", JSON_KIND_UUID, .text = "Made by the client"},
    {0},
};

static const struct json_field depart_body[] = {
    {"id", JSON_KIND_UUID, .text = "Made by the client; the same again gives the same reply"},
    {"trip", JSON_KIND_TEXT, true, 3, 30, .text = "Code of the trip it goes on"},
    {0},
};

static const struct json_field list_query[] = {
    {"unit", JSON_KIND_TEXT, false, 2, 20, .text = "Code of the unit; one's own when absent"},
    {"day", JSON_KIND_TEXT, false, 10, 10, .text = "2026-11-23; today when absent"},
    {"next", JSON_KIND_TEXT, false, 1, 20, .text = "Cursor of the page before"},
    {"limit", JSON_KIND_INT, false, 1, LIMIT_MAX, .text = "Most rows"},
    {0},
};

static const struct json_field get_query[] = {
    {"next", JSON_KIND_TEXT, false, 1, 29, .text = "Cursor of the page before"},
    {"limit", JSON_KIND_INT, false, 1, LIMIT_MAX, .text = "Most receptacles"},
    {0},
};

// The despatch that the path names: its 20 characters, or any of its receptacles. What cannot be
// one is not found.
static bool s8_of(struct request *req, char s8[S8 + 1])
{
    size_t len = 0;
    for (const char *c = req->params[0]; *c; c++) {
        if (*c == ' ')
            continue;
        if (!isalnum((unsigned char)*c) || len == SUBJECT_TEXT - 1)
            len = SUBJECT_TEXT;
        if (len < S8)
            s8[len] = (char)toupper((unsigned char)*c);
        len++;
    }
    s8[S8] = '\0';
    if (len == S8 || len == SUBJECT_TEXT - 1)
        return true;
    reply_problem(req, ERR_NOT_FOUND, NULL);
    return false;
}

static void list(struct request *req)
{
    const char *unit = json_text(req->args, "unit");
    int64_t after;
    if (container_cursor(req, &after))
        despatch_list(req->app->db, unit ? unit : req->who.unit_code, json_text(req->args, "day"),
                      after, (int32_t)json_int(req->args, "limit", LIMIT), container_reply, req);
}

static void get(struct request *req)
{
    char s8[S8 + 1];
    if (s8_of(req, s8))
        despatch_get(req->app->db, s8, json_text(req->args, "next"),
                     (int32_t)json_int(req->args, "limit", LIMIT_MAX), container_reply, req);
}

static void close(struct request *req)
{
    char s8[S8 + 1];
    if (s8_of(req, s8))
        despatch_close(req->app->db, &req->who, s8, container_reply_written, req);
}

static void depart(struct request *req)
{
    char s8[S8 + 1];
    struct write_id write;
    if (s8_of(req, s8) && custody_write_id(req, &write))
        despatch_depart(req->app->db, &req->who, &write, s8, json_text(req->body, "trip"),
                        container_reply_written, req);
}

const struct route despatch_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/despatches",
     .roles = READERS,
     .handle = list,
     .query = list_query,
     .text_vi = "Các chuyến thư đi và đến một đơn vị trong ngày.",
     .text_en = "A unit's despatches of a day, out and in."},
    {.method = HTTP_GET,
     .path = "/v1/despatches/{s8}",
     .roles = READERS,
     .handle = get,
     .query = get_query,
     .text_vi = "Một chuyến thư và các túi của nó.",
     .text_en = "One despatch and its receptacles."},
    {.method = HTTP_POST,
     .path = "/v1/despatches/{s8}/close",
     .roles = SENDERS,
     .handle = close,
     .body = close_body,
     .text_vi = "Đóng chuyến thư: không thêm túi nữa, túi cuối mang cờ số cao nhất.",
     .text_en = "Closes a despatch: no more receptacles; the last one is the highest number."},
    {.method = HTTP_POST,
     .path = "/v1/despatches/{s8}/depart",
     .roles = SENDERS,
     .handle = depart,
     .body = depart_body,
     .text_vi = "Cả chuyến thư xuất phát trên một chuyến xe.",
     .text_en = "All receptacles of a despatch depart on a trip."},
    {0}};
