#include "paper/paper.h"

#include <string.h>

#include "account/account.h"
#include "http/respond.h"
#include "http/server.h"
#include "paper/draw_http.h"

enum { REASON_MAX = 200, MOST = 1000 };

static void dossier_paper_get(struct request *req)
{
    paper_reply(req, true);
}

static void other_paper_get(struct request *req)
{
    paper_reply(req, false);
}

// --- printing ------------------------------------------------------------------------------------

static void print_done(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

static void print_post(struct request *req, bool dossier)
{
    const char *key, *reason = json_text(req->body, "reason");
    uint8_t digest[SEAL_DIGEST_BYTES];
    enum err err = request_idempotency_key(req, &key);
    if (err != ERR_OK) {
        reply_problem(req, err, NULL);
        return;
    }
    struct paper_wish wish = paper_wish_of(req, dossier, req->body);
    const char *text = arena_printf(&req->arena, "%s\n%s", req->path, wish.args);
    seal_digest(text, strlen(text), digest);
    paper_print(req->app->db, &req->who, &wish, reason, key, digest, print_done, req);
}

static void dossier_print_post(struct request *req)
{
    print_post(req, true);
}

static void other_print_post(struct request *req)
{
    print_post(req, false);
}

static void list_get(struct request *req)
{
    paper_list(req->app->db, &req->who, req->params[0], print_done, req);
}

// --- the capability ------------------------------------------------------------------------------

enum { PRINTERS = ROLE_STAFF, READERS = ROLE_STAFF | ROLE_APPLICANT };

#define WHICH \
    { \
        "n", JSON_KIND_INT, false, 1, MOST, .text = "Which of several; the last when absent" \
    }
#define WHY \
    { \
        "reason", JSON_KIND_TEXT, false, 1, REASON_MAX, .text = "Required for a reprint" \
    }
#define DAYS \
    {"from", JSON_KIND_TEXT, false, 10, 10, .text = "First day of a register, 2026-11-01"}, \
    { \
        "to", JSON_KIND_TEXT, false, 10, 10, .text = "Its last day" \
    }

static const struct json_field dossier_query[] = {WHICH, {0}};
static const struct json_field dossier_body[] = {WHICH, WHY, {0}};
static const struct json_field other_query[] = {DAYS, {0}};
static const struct json_field other_body[] = {DAYS, WHY, {0}};

static const struct route routes[] = {
    {HTTP_GET, "/v1/dossiers/{code}/papers", READERS, list_get,
     .text_vi = "Các giấy tờ đã có của hồ sơ, để in.",
     .text_en = "The papers that there are of a dossier, to be printed."},
    {HTTP_GET, "/v1/dossiers/{code}/papers/{name}.pdf", READERS, dossier_paper_get,
     .query = dossier_query,
     .text_vi = "Vẽ bản hiện hành của một giấy tờ (receipt, supplement_request, refusal, apology, "
                "stopping, control_sheet, fee_receipt, authorisation, recovered_papers, "
                "compensation); không tính là một lần in.",
     .text_en = "Draws the current copy of a paper (receipt, supplement_request, refusal, apology, "
                "stopping, control_sheet, fee_receipt, authorisation, recovered_papers, "
                "compensation); counts no copy."},
    {HTTP_POST, "/v1/dossiers/{code}/papers/{name}/prints", PRINTERS, dossier_print_post,
     .body = dossier_body,
     .text_vi = "Cấp và ghi lại bản in kế tiếp; lần đầu cấp số, in lại phải nêu lý do.",
     .text_en =
         "Allocates and records the next copy; the first gives the number, a reprint needs a "
         "reason."},
    {HTTP_GET, "/v1/papers/{name}/{of}.pdf", PRINTERS, other_paper_get, .query = other_query,
     .text_vi = "Vẽ biên bản bất thường (irregularity, theo số của việc bất thường), bảng kê túi "
                "(bag_list), bảng kê chuyến thư (despatch_list) hoặc sổ theo dõi hồ sơ của một "
                "đơn vị (register, với from và to).",
     .text_en = "Draws the report of an irregularity (irregularity, by the exception's id), the "
                "list of a bag (bag_list) or of a despatch (despatch_list), or a unit's register "
                "(register, with from and to)."},
    {HTTP_POST, "/v1/papers/{name}/{of}/prints", PRINTERS, other_print_post, .body = other_body,
     .text_vi = "Cấp và ghi lại bản in kế tiếp của các giấy tờ trên.",
     .text_en = "Allocates and records the next copy of these."},
    {0},
};

const struct capability paper_capability = {.name = "paper", .routes = routes};
