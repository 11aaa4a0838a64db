#include <string.h>

#include "account/account.h"
#include "base/clock.h"
#include "custody/custody_db.h"
#include "custody/custody_http.h"
#include "http/respond.h"

// A blind count: no reply before the close tells what is expected.

enum { ITEMS_MAX = 500, BODY_MAX = 262144 };
enum { COUNTERS = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER | ROLE_SUPERVISOR };

static const char *const holders[] = {"person", "place", NULL};

static const struct json_field code_item = {.kind = JSON_KIND_TEXT, .least = 1, .greatest = 400};
static const struct json_field add_body[] = {
    {"id", JSON_KIND_UUID, true,
     .text = "Made by the client; the same for every call of one count"},
    {"of", JSON_KIND_ENUM, true, .choices = holders,
     .text = "What I hold myself, or what my unit holds as a place"},
    {"items", JSON_KIND_ARRAY, true, 0, ITEMS_MAX, .item = &code_item,
     .text = "Scanned codes of what lies there; sealed bags as bags"},
    {0},
};

static void add(struct request *req)
{
    int count;
    uint8_t id[UUID_BYTES];
    bool place = strcmp(json_text(req->body, "of"), "place") == 0;
    const char **list = custody_codes_read(req, &count);
    if (list && uuid_parse(json_text(req->body, "id"), id))
        count_add(req->app->db, &req->who, id, place, list, count, custody_reply_written, req);
}

static void finish(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        count_close(req->app->db, &req->who, id, custody_reply_written, req);
}

static void get(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        count_get(req->app->db, &req->who, id, custody_reply, req);
}

const struct route count_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/custody/counts",
     .roles = COUNTERS,
     .handle = add,
     .body = add_body,
     .body_max = BODY_MAX,
     .text_vi = "Kiểm đếm cuối ca: ghi những gì đang thấy trước mặt, chưa đối chiếu.",
     .text_en = "A count at the end of a shift: what lies there, without being compared yet."},
    {.method = HTTP_GET,
     .path = "/v1/custody/counts/{id}",
     .roles = COUNTERS,
     .handle = get,
     .text_vi = "Một lần kiểm đếm; khi đã kết thúc có phần thiếu và thừa.",
     .text_en = "One count; once closed with what is missing and what is too much."},
    {.method = HTTP_POST,
     .path = "/v1/custody/counts/{id}/close",
     .roles = COUNTERS,
     .handle = finish,
     .text_vi = "Kết thúc kiểm đếm: đối chiếu với những gì hệ thống ghi đang giữ.",
     .text_en = "Closes a count: compares it with what the system says is held."},
    {0}};
