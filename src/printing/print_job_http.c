#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/label.h"
#include "printing/print_db.h"
#include "printing/printing_http.h"

enum { LIMIT = 50, LIMIT_MAX = 500, REASON_MAX = 200 };
enum { PRINTERS = ROLE_CLERK | ROLE_HUB | ROLE_OFFICER | ROLE_COURIER };
enum { READERS = PRINTERS | ROLE_SUPERVISOR | ROLE_ADMIN };

static const char *const states[] = {"waiting",   "sending",   "printed", "failed",
                                     "uncertain", "cancelled", NULL};

static const struct json_field list_query[] = {
    {"printer", JSON_KIND_UUID,
     .text = "Of this printer; else mine and those of my unit's printers"},
    {"state", JSON_KIND_ENUM, .choices = states, .text = "Only those"},
    {"next", JSON_KIND_TEXT, false, 1, 20, .text = "Cursor of the page before"},
    {"limit", JSON_KIND_INT, false, 1, LIMIT_MAX, .text = "Most rows; 50 when absent"},
    {0},
};

static const struct json_field retry_body[] = {
    {"reason", JSON_KIND_TEXT, false, 1, REASON_MAX,
     .text = "Why a label is printed again that may be out already"},
    {0},
};

static const struct json_field page_query[] = {
    {"template", JSON_KIND_TEXT, false, 1, 40, .text = "shipment (100 × 150 mm) when absent"},
    {0},
};

static void job_done(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

static void list_get(struct request *req)
{
    const char *next = json_text(req->args, "next"), *printer = json_text(req->args, "printer");
    uint8_t id[UUID_BYTES];
    char *end = NULL;
    struct print_jobs wanted = {printer && uuid_parse(printer, id) ? id : NULL,
                                json_text(req->args, "state"), next ? strtoll(next, &end, 10) : 0,
                                (int32_t)json_int(req->args, "limit", LIMIT)};
    if (next && (*end || wanted.after <= 0)) {
        struct json_errors errors = {0};
        json_error_add(&errors, "/next", "format", "Con trỏ không đúng.", "Not a cursor of ours.");
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
        return;
    }
    print_db_jobs(req->app->db, &req->who, &wanted, job_done, req);
}

static void one_get(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        print_db_job(req->app->db, &req->who, id, job_done, req);
}

static void cancel_post(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        print_db_cancel(req->app->db, &req->who, id, job_done, req);
}

static void retry_post(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        print_db_retry(req->app->db, &req->who, id, json_text(req->body, "reason"), job_done, req);
}

// What a browser needs to print a label on paper of its own size, to the edge.
static void page_get(struct request *req)
{
    const char *name = json_text(req->args, "template");
    const struct label_template *t = label_template_named(name ? name : "shipment", NULL);
    if (!t) {
        reply_problem(req, ERR_NOT_FOUND, NULL);
        return;
    }
    const char *css = arena_printf(
        &req->arena,
        "@page{size:%.4gmm %.4gmm;margin:0}html,body{margin:0;background:#fff}"
        "img{display:block;width:%.4gmm;height:%.4gmm;break-after:page;break-inside:avoid}"
        "img:last-child{break-after:auto}\n",
        t->width, t->height, t->width, t->height);
    reply_bytes(req, 200, "text/css; charset=utf-8", css, strlen(css));
}

const struct route print_job_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/labels/jobs",
     .roles = READERS,
     .handle = list_get,
     .query = list_query,
     .text_vi = "Các lần in, mới nhất trước.",
     .text_en = "Print jobs, the newest first."},
    {.method = HTTP_GET,
     .path = "/v1/labels/jobs/{id}",
     .roles = READERS,
     .handle = one_get,
     .text_vi = "Một lần in: đang ở đâu, vướng gì.",
     .text_en = "One print job: how far it is and what holds it up."},
    {.method = HTTP_POST,
     .path = "/v1/labels/jobs/{id}/cancel",
     .roles = READERS,
     .handle = cancel_post,
     .text_vi = "Huỷ lần in nếu chưa in xong.",
     .text_en = "Cancels a print job that is not printed yet."},
    {.method = HTTP_POST,
     .path = "/v1/labels/jobs/{id}/retry",
     .roles = READERS,
     .handle = retry_post,
     .body = retry_body,
     .text_vi = "In lại ngay; nhãn có thể đã ra giấy thì được cấp bản in mới kèm lý do.",
     .text_en =
         "Tries again now; a label that may be out already gets a new copy, with the reason."},
    {.method = HTTP_GET,
     .path = "/v1/labels/page.css",
     .roles = ROUTE_PUBLIC,
     .handle = page_get,
     .query = page_query,
     .text_vi = "Khổ giấy của mẫu nhãn, cho trình duyệt in.",
     .text_en = "The paper of a template, for a browser that prints."},
    {0}};
