#include "account/account.h"
#include "container/container.h"
#include "container/container_db.h"
#include "http/respond.h"

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

static void created(void *arg, const struct db_result *r);

static void create(struct request *req)
{
    const char *origin = json_text(req->body, "origin");
    struct write_id write;
    if (!custody_write_id(req, &write))
        return;
    container_create(req->app->db, &req->who, &write, json_text(req->body, "kind"),
                     origin ? origin : req->who.unit_code, json_text(req->body, "destination"),
                     created, req);
}

static void created(void *arg, const struct db_result *r)
{
    custody_poke();
    reply_row(arg, 201, db_row_json(r));
}

// The path's id as a scanner or a person writes it; a container that cannot be is not found.
static bool id_of(struct request *req, char id[SUBJECT_TEXT])
{
    if (custody_code_read(req->params[0], id) == ERR_OK && custody_is_container(id))
        return true;
    reply_problem(req, ERR_NOT_FOUND, NULL);
    return false;
}

static void closed(void *arg, const struct db_result *r);

static void close(struct request *req)
{
    char id[SUBJECT_TEXT];
    struct write_id write;
    if (!id_of(req, id) || !custody_write_id(req, &write))
        return;
    container_close(req->app->db, &req->who, &write, id, json_text(req->body, "seal"), closed, req);
}

static void closed(void *arg, const struct db_result *r)
{
    custody_poke();
    reply_row(arg, 200, db_row_json(r));
}

static void got(void *arg, const struct db_result *r);

static void get(struct request *req)
{
    char id[SUBJECT_TEXT];
    if (id_of(req, id))
        container_get(req->app->db, id, got, req);
}

static void got(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/containers",
     .roles = ROLE_CLERK | ROLE_HUB,
     .handle = create,
     .body = create_body,
     .text_vi = "Tạo túi mới để đóng bưu gửi.",
     .text_en = "Makes a new receptacle to put items in."},
    {.method = HTTP_POST,
     .path = "/v1/containers/{id}/close",
     .roles = ROLE_CLERK | ROLE_HUB,
     .handle = close,
     .body = close_body,
     .text_vi = "Đóng túi và ghi số niêm phong.",
     .text_en = "Closes a container with its seal."},
    {.method = HTTP_GET,
     .path = "/v1/containers/{id}",
     .roles = ROLE_STAFF,
     .handle = get,
     .text_vi = "Túi, nơi đang giữ, và bản kê so với thực tế.",
     .text_en = "A container, who holds it, and its manifest against what was found."},
    {0}};

const struct capability container_capability = {.name = "container", .routes = routes};
