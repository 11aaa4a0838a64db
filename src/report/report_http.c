#include "account/account.h"
#include "http/respond.h"
#include "http/server.h"
#include "report/register_csv_http.h"
#include "report/report.h"
#include "report/report_db.h"

enum { LIMIT_MAX = 500, DAY = 10, CURSOR_MAX = 64 };

static const char *const timings[] = {"early", "on_time", "late", "open", NULL};
static const char *const buckets[] = {"overdue", "today",  "tomorrow", "soon",
                                      "later",   "paused", NULL};

#define REGISTER_OF \
    {.name = "agency", \
     .kind = JSON_KIND_TEXT, \
     .least = 2, \
     .greatest = 20, \
     .text = "Code of the agency; an officer's own without it"}, \
        {.name = "from", \
         .kind = JSON_KIND_TEXT, \
         .least = DAY, \
         .greatest = DAY, \
         .text = "First day of receipt, YYYY-MM-DD"}, \
        {.name = "to", \
         .kind = JSON_KIND_TEXT, \
         .least = DAY, \
         .greatest = DAY, \
         .text = "Last day of receipt, YYYY-MM-DD"}, \
        {.name = "procedure", .kind = JSON_KIND_TEXT, .least = 8, .greatest = 40}, \
    { \
        .name = "timing", .kind = JSON_KIND_ENUM, .choices = timings, \
        .text = "Of the agency's clock" \
    }

static const struct json_field csv_query[] = {REGISTER_OF, {0}};

static const struct json_field register_query[] = {
    REGISTER_OF,
    {.name = "limit", .kind = JSON_KIND_INT, .least = 1, .greatest = LIMIT_MAX},
    {.name = "next",
     .kind = JSON_KIND_TEXT,
     .least = 1,
     .greatest = CURSOR_MAX,
     .text = "Where the page before ended"},
    {0}};

static const struct json_field due_query[] = {
    {.name = "agency",
     .kind = JSON_KIND_TEXT,
     .least = 2,
     .greatest = 20,
     .text = "Code of one agency; all that the asker may see without it"},
    {0}};

static const struct json_field items_query[] = {
    {.name = "agency", .kind = JSON_KIND_TEXT, .least = 2, .greatest = 20},
    {.name = "procedure", .kind = JSON_KIND_TEXT, .least = 8, .greatest = 40},
    {.name = "bucket",
     .kind = JSON_KIND_ENUM,
     .choices = buckets,
     .text = "Without it: overdue, and due by the third working day"},
    {.name = "limit", .kind = JSON_KIND_INT, .least = 1, .greatest = LIMIT_MAX},
    {.name = "next",
     .kind = JSON_KIND_TEXT,
     .least = 1,
     .greatest = CURSOR_MAX,
     .text = "Where the page before ended"},
    {0}};

static void replied(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

static const char *args_of(struct request *req)
{
    return req->args ? json_line(&req->arena, req->args, 0) : "{}";
}

static void register_get(struct request *req)
{
    report_register(req->app->db, &req->who, args_of(req), replied, req);
}

static void due_get(struct request *req)
{
    report_due(req->app->db, &req->who, args_of(req), replied, req);
}

static void items_get(struct request *req)
{
    report_due_items(req->app->db, &req->who, args_of(req), replied, req);
}

static void control_get(struct request *req)
{
    report_control_sheet(req->app->db, &req->who, req->params[0], replied, req);
}

enum { READERS = ROLE_OFFICER | ROLE_SUPERVISOR | ROLE_ADMIN };

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/reports/register",
     .roles = READERS,
     .handle = register_get,
     .query = register_query,
     .text_vi = "Sổ theo dõi hồ sơ của một cơ quan theo thứ tự tiếp nhận.",
     .text_en = "The register of an agency, in the order of receipt."},
    {.method = HTTP_GET,
     .path = "/v1/reports/register.csv",
     .roles = READERS,
     .handle = register_csv_get,
     .query = csv_query,
     .text_vi = "Sổ theo dõi hồ sơ dạng CSV để lưu hoặc mở bằng bảng tính.",
     .text_en = "The register as CSV."},
    {.method = HTTP_GET,
     .path = "/v1/reports/due",
     .roles = READERS,
     .handle = due_get,
     .query = due_query,
     .text_vi = "Hồ sơ sắp đến hạn và quá hạn theo cơ quan, thủ tục; bưu gửi bị kẹt để riêng.",
     .text_en =
         "What is due and overdue, by agency and procedure; what is stuck in the post apart."},
    {.method = HTTP_GET,
     .path = "/v1/reports/due/items",
     .roles = READERS,
     .handle = items_get,
     .query = items_query,
     .text_vi = "Từng hồ sơ sắp đến hạn hoặc quá hạn, gấp nhất trước.",
     .text_en = "The dossiers that are due or overdue, the most urgent first."},
    {.method = HTTP_GET,
     .path = "/v1/dossiers/{code}/control-sheet",
     .roles = ROLE_STAFF,
     .handle = control_get,
     .text_vi =
         "Phiếu kiểm soát: từng lần giao nhận và từng bước, sớm, đúng hay quá hạn; cho người "
         "được xem đủ dữ liệu của hồ sơ.",
     .text_en = "The control sheet: each change of hands and step, early, on time or late; for "
                "whoever sees all of the dossier."},
    {0}};

const struct capability report_capability = {.name = "report", .routes = routes};
