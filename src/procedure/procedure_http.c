#include "procedure/procedure.h"

#include <string.h>

#include "http/respond.h"
#include "http/server.h"
#include "label/label.h"
#include "procedure/procedure_db.h"

#define TEMPLATE "form-application"

enum { LIMIT = 100, LIMIT_MAX = 500, WORDS_MAX = 100, CURSOR_MAX = 2000, LEVEL_MAX = 4 };

static const char *const agency_levels[] = {"province", "commune", NULL};

static const struct json_field list_query[] = {
    {.name = "q",
     .kind = JSON_KIND_TEXT,
     .greatest = WORDS_MAX,
     .text = "Words of the name, or the code; diacritics, order and small slips do not matter"},
    {.name = "agency_level",
     .kind = JSON_KIND_ENUM,
     .choices = agency_levels,
     .text = "Level of the agency that decides"},
    {.name = "post", .kind = JSON_KIND_BOOL, .text = "Whether the post may handle it"},
    {.name = "level",
     .kind = JSON_KIND_INT,
     .least = 1,
     .greatest = LEVEL_MAX,
     .text = "Lowest level of online service"},
    {.name = "next", .kind = JSON_KIND_TEXT, .greatest = CURSOR_MAX, .text = "Where a page ended"},
    {.name = "limit",
     .kind = JSON_KIND_INT,
     .least = 1,
     .greatest = LIMIT_MAX,
     .text = "Most rows"},
    {0}};

static void list_done(void *arg, const struct db_result *r);

static void list_get(struct request *req)
{
    json_t *args = json_pack("{s:I}", "limit", (json_int_t)LIMIT);
    json_object_update(args, req->args);
    const char *text = json_line(&req->arena, args, 0);
    json_decref(args);
    procedure_search(req->app->db, text, list_done, req);
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

// --- forms to print ------------------------------------------------------------------------------

static void form_done(void *arg, const struct db_result *r);

static void form_get(struct request *req)
{
    size_t len = strlen(req->params[1]);
    if (len > 4 && strcmp(req->params[1] + len - 4, ".pdf") == 0)
        len -= 4;
    procedure_form(req->app->db, req->params[0],
                   arena_printf(&req->arena, "%.*s", (int)len, req->params[1]), form_done, req);
}

static json_t *form_make(struct arena *arena, void *text)
{
    (void)arena;
    json_t *document = json_loads(text, 0, NULL);
    json_object_set_new(document, "template", json_string(TEMPLATE));
    return document;
}

static void form_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    const char *text = db_json(r, 0, 0, &len);
    label_form_reply(req, form_make, arena_copy(&req->arena, text, len));
}

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/procedures",
     .roles = ROUTE_PUBLIC,
     .handle = list_get,
     .query = list_query,
     .text_vi = "Danh mục thủ tục hành chính, tìm theo tên hoặc mã.",
     .text_en =
         "The catalogue of procedures, by words of the name or the code; the nearest first."},
    {.method = HTTP_GET,
     .path = "/v1/procedures/{code}",
     .roles = ROUTE_PUBLIC,
     .handle = one_get,
     .text_vi =
         "Mức độ, thành phần hồ sơ, mẫu đơn, phí, lệ phí, thời hạn, cơ quan, khả năng nhận qua bưu "
         "chính và nộp trực tuyến.",
     .text_en = "Levels, checklist, forms, fees, time limit, agencies, and whether the post may "
                "handle it and it is filed on line, or why not."},
    {.method = HTTP_GET,
     .path = "/v1/procedures/{code}/forms/{name}",
     .roles = ROUTE_PUBLIC,
     .handle = form_get,
     .text_vi = "Mẫu đơn của thủ tục mức độ 2 trở lên, tệp PDF để in và điền.",
     .text_en = "A form of a procedure of level 2 or higher, as a PDF to print and fill in."},
    {0}};

const struct capability procedure_capability = {.name = "procedure", .routes = routes};
