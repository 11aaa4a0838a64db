#include "procedure/procedure.h"

#include "http/respond.h"
#include "http/server.h"
#include "procedure/procedure_db.h"

enum { LIMIT = 100, LIMIT_MAX = 500, WORDS_MAX = 100 };

static const char *const levels[] = {"province", "commune", NULL};

static const struct json_field list_query[] = {
    {.name = "q",
     .kind = JSON_KIND_TEXT,
     .greatest = WORDS_MAX,
     .text = "Words of the name, or the code; diacritics do not matter"},
    {.name = "agency_level",
     .kind = JSON_KIND_ENUM,
     .choices = levels,
     .text = "Level of the agency that decides"},
    {.name = "post", .kind = JSON_KIND_BOOL, .text = "Whether the post may handle it"},
    {.name = "limit",
     .kind = JSON_KIND_INT,
     .least = 1,
     .greatest = LIMIT_MAX,
     .text = "Most rows"},
    {0}};

static void list_done(void *arg, const struct db_result *r);

static void list_get(struct request *req)
{
    const json_t *post = json_object_get(req->args, "post");
    bool wanted = json_is_true(post);
    procedure_list(req->app->db, json_text(req->args, "q"), json_text(req->args, "agency_level"),
                   post ? &wanted : NULL, (int32_t)json_int(req->args, "limit", LIMIT), list_done,
                   req);
}

static void list_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    const char *json = db_json(r, 0, 0, &len);
    reply_cacheable(req, "application/json", "no-cache", json, len);
}

static void procedure_done(void *arg, const struct db_result *r);

static void one_get(struct request *req)
{
    procedure_get(req->app->db, req->params[0], procedure_done, req);
}

static void procedure_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    if (db_is_null(r, 0, 0)) {
        reply_problem(req, ERR_NOT_FOUND, NULL);
        return;
    }
    const char *json = db_json(r, 0, 0, &len);
    reply_cacheable(req, "application/json", "no-cache", json, len);
}

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/procedures",
     .roles = ROUTE_PUBLIC,
     .handle = list_get,
     .query = list_query,
     .text_vi = "Danh mục thủ tục hành chính, tìm theo tên hoặc mã.",
     .text_en = "The catalogue of procedures, by words of the name or the code."},
    {.method = HTTP_GET,
     .path = "/v1/procedures/{code}",
     .roles = ROUTE_PUBLIC,
     .handle = one_get,
     .text_vi = "Mức độ, thành phần hồ sơ, phí, lệ phí, thời hạn và khả năng nhận qua bưu chính.",
     .text_en = "Levels, checklist, fees, time limit, and whether the post may handle it."},
    {0}};

const struct capability procedure_capability = {.name = "procedure", .routes = routes};
