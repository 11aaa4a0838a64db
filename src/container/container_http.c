#include "container/container_http.h"

#include <stdlib.h>

#include "account/account.h"
#include "container/container.h"
#include "container/container_db.h"
#include "http/respond.h"
#include "http/server.h"

enum { LIMIT = 500, WEIGHT_MAX = 100000 };
enum { KEEPERS = ROLE_CLERK | ROLE_HUB };

static const char *const kinds[] = {"receptacle", NULL};

static const struct json_field create_body[] = {
    {"id", JSON_KIND_UUID, .text = "Made by the client; the same again gives the same container"},
    {"kind", JSON_KIND_ENUM, true, .choices = kinds},
    {"origin", JSON_KIND_TEXT, false, 2, 20, .text = "Code of the unit; one's own when absent"},
    {"destination", JSON_KIND_TEXT, true, 2, 20, .text = "Code of the unit that opens it"},
    {0},
};

static const struct json_field close_body[] = {
    {"id", JSON_KIND_UUID, .text = "Made by the client; the same again closes nothing twice"},
    {"seal", JSON_KIND_TEXT, true, 1, 40, .text = "Number of the seal"},
    {0},
};

static const struct json_field weigh_body[] = {
    {"id", JSON_KIND_UUID, .text = "Made by the client; the same again weighs once"},
    {"weight_g", JSON_KIND_INT, true, 1, WEIGHT_MAX, .text = "Of the bag with all that is in it"},
    {0},
};

static const char *const reasons[] = {"broken", "damaged", "inspected", "wrong_number", NULL};

static const struct json_field reseal_body[] = {
    {"id", JSON_KIND_UUID, .text = "Made by the client; the same again seals once"},
    {"seal", JSON_KIND_TEXT, true, 1, 40, .text = "Number of the new seal"},
    {"reason", JSON_KIND_ENUM, true, .choices = reasons,
     .text = "broken: the old seal; damaged: the bag; inspected: opened by order; wrong_number"},
    {0},
};

static const struct json_field checked_body[] = {
    {"id", JSON_KIND_UUID, .text = "Made by the client"},
    {0},
};

static const struct json_field get_query[] = {
    {"next", JSON_KIND_TEXT, false, 1, 50, .text = "Cursor of the page before"},
    {"limit", JSON_KIND_INT, false, 1, LIMIT, .text = "Most rows of the list"},
    {0},
};

void container_reply(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

void container_reply_written(void *arg, const struct db_result *r)
{
    custody_poke();
    reply_row(arg, 200, db_row_json(r));
}

void container_reply_created(void *arg, const struct db_result *r)
{
    custody_poke();
    reply_row(arg, 201, db_row_json(r));
}

bool container_cursor(struct request *req, int64_t *after)
{
    const char *next = json_text(req->args, "next");
    struct json_errors errors = {0};
    char *end = NULL;
    *after = next ? strtoll(next, &end, 10) : 0;
    if (!next || (*end == '\0' && *after > 0))
        return true;
    json_error_add(&errors, "/next", "format", "Con trỏ không đúng.", "Not a cursor of ours.");
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
    return false;
}

static void create(struct request *req)
{
    const char *origin = json_text(req->body, "origin");
    struct write_id write;
    if (!custody_write_id(req, &write))
        return;
    container_create(req->app->db, &req->who, &write, json_text(req->body, "kind"),
                     origin ? origin : req->who.unit_code, json_text(req->body, "destination"),
                     container_reply_created, req);
}

// The path's id as a scanner or a person writes it; a container that cannot be is not found.
static bool id_of(struct request *req, char id[SUBJECT_TEXT])
{
    if (custody_code_read(req->params[0], id) == ERR_OK && custody_is_container(id))
        return true;
    reply_problem(req, ERR_NOT_FOUND, NULL);
    return false;
}

static void close(struct request *req)
{
    char id[SUBJECT_TEXT];
    struct write_id write;
    if (id_of(req, id) && custody_write_id(req, &write))
        container_close(req->app->db, &req->who, &write, id, json_text(req->body, "seal"),
                        container_reply_written, req);
}

static void weigh(struct request *req)
{
    char id[SUBJECT_TEXT];
    struct write_id write;
    if (id_of(req, id) && custody_write_id(req, &write))
        container_weigh(req->app->db, &req->who, &write, id,
                        (int32_t)json_int(req->body, "weight_g", 0), container_reply_written, req);
}

static void reseal(struct request *req)
{
    char id[SUBJECT_TEXT];
    struct write_id write;
    if (id_of(req, id) && custody_write_id(req, &write))
        container_reseal(req->app->db, &req->who, &write, id, json_text(req->body, "seal"),
                         json_text(req->body, "reason"), container_reply_written, req);
}

static void checked(struct request *req)
{
    char id[SUBJECT_TEXT];
    struct write_id write;
    if (id_of(req, id) && custody_write_id(req, &write))
        container_checked(req->app->db, &req->who, &write, id, container_reply_written, req);
}

static void get(struct request *req)
{
    char id[SUBJECT_TEXT];
    if (id_of(req, id))
        container_get(req->app->db, id, json_text(req->args, "next"),
                      (int32_t)json_int(req->args, "limit", LIMIT), container_reply, req);
}

static bool setup(void)
{
    route_add(trip_routes);
    route_add(despatch_routes);
    route_add(sorting_routes);
    return true;
}

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/containers",
     .roles = KEEPERS,
     .handle = create,
     .body = create_body,
     .text_vi = "Tạo túi mới để đóng bưu gửi.",
     .text_en = "Makes a new receptacle to put items in."},
    {.method = HTTP_POST,
     .path = "/v1/containers/{id}/close",
     .roles = KEEPERS,
     .handle = close,
     .body = close_body,
     .text_vi = "Đóng túi và ghi số niêm phong.",
     .text_en = "Closes a container with its seal."},
    {.method = HTTP_POST,
     .path = "/v1/containers/{id}/weigh",
     .roles = KEEPERS,
     .handle = weigh,
     .body = weigh_body,
     .text_vi = "Ghi khối lượng cả túi; cảnh báo khi không hợp với các bưu gửi trong túi.",
     .text_en = "Keeps the gross weight, with a warning when it does not fit what is inside."},
    {.method = HTTP_POST,
     .path = "/v1/containers/{id}/reseal",
     .roles = KEEPERS,
     .handle = reseal,
     .body = reseal_body,
     .text_vi = "Niêm phong lại: ghi số cũ, số mới và lý do.",
     .text_en = "A new seal: the old number, the new one and why are kept."},
    {.method = HTTP_POST,
     .path = "/v1/containers/{id}/checked",
     .roles = KEEPERS,
     .handle = checked,
     .body = checked_body,
     .text_vi = "Kiểm xong túi đã mở: phần thiếu, thừa, sai hướng thành ngoại lệ của hai bên.",
     .text_en = "The check of an opened container is over: what is missing, surplus or missorted "
                "becomes exceptions of both sides."},
    {.method = HTTP_GET,
     .path = "/v1/containers/{id}",
     .roles = ROLE_STAFF,
     .handle = get,
     .query = get_query,
     .text_vi = "Túi, nơi đang giữ, và bản kê so với thực tế.",
     .text_en = "A container, who holds it, and its manifest against what was found."},
    {0}};

const struct capability container_capability = {
    .name = "container", .routes = routes, .setup = setup};
