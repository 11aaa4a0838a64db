#include "dossier/dossier_http.h"

#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/clock.h"
#include "base/log.h"
#include "dossier/correct_http.h"
#include "dossier/desk_http.h"
#include "dossier/dossier.h"
#include "dossier/dossier_db.h"
#include "dossier/intake_http.h"
#include "dossier/papers_http.h"
#include "dossier/personal.h"
#include "dossier/split_http.h"
#include "http/respond.h"

enum { LIMIT_MAX = 500, REASON_MAX = 2000, ITEMS_MAX = 100, SHEETS_MAX = 1000 };
#define AMOUNT_MAX 1000000000000

// result_returned and delivery_taken_back are the system's own, from proof of delivery.
static const char *const actions[] = {"accept",
                                      "reject",
                                      "start",
                                      "ask_supplement",
                                      "send_supplement",
                                      "supplement_received",
                                      "ask_payment",
                                      "payment_received",
                                      "take_payment",
                                      "cancel_intake",
                                      "request_withdrawal",
                                      "refuse_withdrawal",
                                      "stop",
                                      "apologise",
                                      "result_ready",
                                      "return_result",
                                      "forward",
                                      "return_originals",
                                      "send_result",
                                      "claim",
                                      "compensate",
                                      "refuse_claim",
                                      NULL};

static const char *const causes[] = {"lost", "damaged", "late", NULL};

static const struct json_field wanted_shape[] = {
    {"name", JSON_KIND_TEXT, true, 1, 300, .text = "The paper that is missing or wrong"},
    {"originals", JSON_KIND_INT, false, 0, SHEETS_MAX},
    {"copies", JSON_KIND_INT, false, 0, SHEETS_MAX},
    {0},
};
static const struct json_field wanted_item = {.kind = JSON_KIND_OBJECT, .shape = wanted_shape};

static const char *const ledgers[] = {"agency_fee", "postage_out", "postage_return", "extra", NULL};
static const struct json_field ledger_item = {.kind = JSON_KIND_ENUM, .choices = ledgers};

const struct json_field dossier_action_body[] = {
    {"action", JSON_KIND_ENUM, true, .choices = actions, .text = "What should become true"},
    {"reason", JSON_KIND_LINES, false, 1, REASON_MAX, .text = "For whoever reads it later"},
    {"legal_basis", JSON_KIND_TEXT, false, 1, 500, .text = "The provision that a refusal rests on"},
    {"items", JSON_KIND_ARRAY, false, 1, ITEMS_MAX, .item = &wanted_item,
     .text = "What a supplement must bring; when absent, the lines of the reason. Of "
             "supplement_received: what came; when absent, what was asked for"},
    {"again_reason", JSON_KIND_LINES, false, 1, REASON_MAX,
     .text = "Why a supplement is asked for once more"},
    {"due_at", JSON_KIND_TIME, .text = "The new date of an apology"},
    {"amount", JSON_KIND_INT, false, 0, AMOUNT_MAX,
     .text = "đồng, of ask_payment; of take_payment what is due, and was taken; of compensate 0 "
             "where only a charge is waived that was not paid"},
    {"ledgers", JSON_KIND_ARRAY, false, 1, 4, .item = &ledger_item,
     .text = "Of take_payment: where the amount is due; all when absent"},
    {"name", JSON_KIND_TEXT, false, 1, 200, .text = "What the amount is for"},
    {"weight_g", JSON_KIND_INT, false, 1, WEIGHT_MAX, .text = "Of the papers that are sent"},
    {"number", JSON_KIND_TEXT, false, 13, 20, .text = "Of the shipment that is claimed for"},
    {"cause", JSON_KIND_ENUM, .choices = causes, .text = "Of a claim"},
    {0},
};

static const struct json_field one_query[] = {
    {"as_of", JSON_KIND_TIME, .text = "For staff: how it stood at this time, nothing personal"},
    {0},
};

static const char *const timings[] = {"early", "on_time", "late", "open", NULL};

static const struct json_field list_query[] = {
    {"q", JSON_KIND_TEXT, false, 1, 64, .text = "Code or number of a shipment"},
    {"status", JSON_KIND_INT, false, 1, 10, .text = "Code of the status"},
    {"agency", JSON_KIND_TEXT, false, 2, 20},
    {"office", JSON_KIND_TEXT, false, 2, 20},
    {"procedure", JSON_KIND_TEXT, false, 8, 40},
    {"overdue", JSON_KIND_BOOL, .text = "Only those past their due time"},
    {"timing", JSON_KIND_ENUM, .choices = timings, .text = "How the agency stands to its due time"},
    {"late", JSON_KIND_BOOL, .text = "Only those whose result is expected after their due day"},
    {"claimed", JSON_KIND_BOOL, .text = "Only those with a claim that waits for a decision"},
    {"limit", JSON_KIND_INT, false, 1, LIMIT_MAX},
    {"next", JSON_KIND_TEXT, false, 1, 64, .text = "Where the page before ended"},
    {0},
};

json_t *view_of(struct request *req, const struct db_result *r, int col)
{
    size_t len;
    const char *text = db_json(r, 0, col, &len);
    json_t *view = json_loadb(text, len, 0, NULL);
    const char *path = json_text(view, "tracking_url");
    if (path && *path == '/')
        json_object_set_new(view, "tracking_url", json_string(request_url(req, path)));
    return view;
}

void reply_view(struct request *req, int status, json_t *view)
{
    long long version = json_int(view, "version", 0);
    json_object_del(view, "commune_names");
    reply_header(req, "ETag", arena_printf(&req->arena, "\"%lld\"", version));
    reply_json(req, status, view);
}

void request_digest(struct request *req, uint8_t digest[SEAL_DIGEST_BYTES])
{
    const char *text = arena_printf(&req->arena, "%s\n%s", req->path,
                                    json_line(&req->arena, req->body, JSON_SORT_KEYS));
    seal_digest(text, strlen(text), digest);
}

static bool failed(struct request *req, const struct db_result *r)
{
    if (r->err != ERR_OK)
        reply_problem_raised(req, r->err, r->detail);
    return r->err != ERR_OK;
}

bool dossier_given(struct request *req, const struct db_result *r)
{
    if (failed(req, r))
        return false;
    bool erased = db_is_null(r, 0, GET_SEALED);
    if (erased)
        reply_problem(req, ERR_CONFLICT, NULL);
    return !erased;
}

void dossier_unopened(struct request *req, const char *code)
{
    log_error("dossier", req->subject, "personal data of %s cannot be opened", code);
    reply_problem(req, ERR_INTERNAL, NULL);
}

void dossier_written(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (!failed(req, r))
        reply_view(req, 200, view_of(req, r, 0));
}

// --- one dossier ---------------------------------------------------------------------------------

static void one_done(void *arg, const struct db_result *r);

static void json_done(void *arg, const struct db_result *r);

static void as_of_get(struct request *req, const char *text)
{
    int64_t at;
    if ((req->who.roles & ROLE_STAFF) == 0)
        reply_problem(req, ERR_FORBIDDEN, NULL);
    else if (!clock_parse(text, &at)) // the route's table has checked it
        reply_problem(req, ERR_BAD_REQUEST, NULL);
    else
        dossier_as_of(req->app->db, &req->who, req->params[0], at, json_done, req);
}

static void one_get(struct request *req)
{
    const char *as_of = json_text(req->args, "as_of");
    if (as_of) {
        as_of_get(req, as_of);
        return;
    }
    dossier_get(req->app->db, &req->who, req->params[0], one_done, req);
}

static void one_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (failed(req, r))
        return;
    json_t *view = view_of(req, r, GET_VIEW);
    const char *sealed = db_is_null(r, 0, GET_SEALED) ? NULL : db_text(r, 0, GET_SEALED);
    if (!personal_join(&req->arena, view, sealed, db_len(r, 0, GET_SEALED), db_text(r, 0, GET_KEY),
                       db_len(r, 0, GET_KEY))) {
        const char *code = arena_strdup(&req->arena, json_text(view, "code"));
        json_decref(view);
        dossier_unopened(req, code);
        return;
    }
    reply_view(req, 200, view);
}

static void events_done(void *arg, const struct db_result *r);

static void events_get(struct request *req)
{
    dossier_events(req->app->db, &req->who, req->params[0], events_done, req);
}

static void events_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    size_t i, len;
    json_t *event;
    if (failed(req, r))
        return;
    const char *text = db_json(r, 0, 0, &len);
    json_t *view = json_loadb(text, len, 0, NULL);
    bool staff = (req->who.roles & ROLE_STAFF) != 0;
    json_array_foreach(json_object_get(view, "items"), i, event)
        personal_of_event(&req->arena, event, json_text(view, "personal"), staff);
    reply_json(req, 200, view);
}

static void list_get(struct request *req)
{
    dossier_list(req->app->db, &req->who, json_line(&req->arena, req->args, 0), json_done, req);
}

static void json_done(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

// --- steps ---------------------------------------------------------------------------------------

int32_t if_match(const struct request *req)
{
    const char *text = request_header(req, "If-Match");
    char *end;
    if (!text || strcmp(text, "*") == 0)
        return 0;
    if (strncmp(text, "W/", 2) == 0)
        text += 2;
    if (*text++ != '"')
        return -1;
    long version = strtol(text, &end, 10);
    bool good = end != text && strcmp(end, "\"") == 0 && version > 0 && version <= INT32_MAX;
    return good ? (int32_t)version : -1;
}

void dossier_action(struct request *req, const char *key)
{
    struct dossier_step step = {.key = key, .if_match = if_match(req)};
    enum err err = request_idempotency_key(req, &step.idem);
    if (err != ERR_OK) {
        reply_problem(req, err, NULL);
        return;
    }
    step.action = json_text(req->body, "action");
    step.body = json_line(&req->arena, req->body, 0);
    request_digest(req, step.digest);
    dossier_act(req->app->db, &req->who, &step, dossier_written, req);
}

static void action_post(struct request *req)
{
    dossier_action(req, req->params[0]);
}

// --- the capability ------------------------------------------------------------------------------

enum { READERS = ROLE_STAFF | ROLE_APPLICANT | ROLE_INTEGRATOR };

static const struct route routes[] = {
    {HTTP_POST, "/v1/dossiers", ROLE_CLERK | ROLE_APPLICANT, intake_post, .body = intake_body,
     .text_vi = "Nhận hồ sơ: cấp mã, tạo bưu gửi, tính tiền.",
     .text_en = "Registers a dossier: code, shipment and charges."},
    {HTTP_GET, "/v1/dossiers", READERS, list_get, .query = list_query,
     .text_vi = "Hồ sơ của đơn vị hoặc của người hỏi, mới nhất trước.",
     .text_en = "The dossiers of one's unit, or one's own, newest first."},
    {HTTP_GET, "/v1/dossiers/{code}", READERS, one_get, .query = one_query,
     .text_vi =
         "Một hồ sơ theo mã, số hiệu bưu gửi hoặc id, cùng các thao tác được phép; dữ liệu cá "
         "nhân tùy theo vai trò. Với as_of: tình trạng của hồ sơ tại thời điểm đó.",
     .text_en = "One dossier by code, shipment number or id, with what may be done now; of its "
                "personal part what the role needs. With as_of: how it stood at that time."},
    {HTTP_GET, "/v1/dossiers/{code}/events", READERS, events_get,
     .text_vi = "Lịch sử của hồ sơ và các bưu gửi của hồ sơ; dữ liệu cá nhân tùy theo vai trò.",
     .text_en = "History of the dossier and its shipments, with what is personal as far as the "
                "role needs it."},
    {HTTP_GET, "/v1/dossiers/{code}/papers/dispatch_note.pdf", READERS, dispatch_note_get,
     .text_vi = "Phiếu gửi hồ sơ để in, cho người được xem đủ dữ liệu của hồ sơ.",
     .text_en = "The dispatch note, the contract with the post, for whoever sees all of the "
                "dossier."},
    {HTTP_POST, "/v1/dossiers/{code}/actions",
     ROLE_CLERK | ROLE_OFFICER | ROLE_SUPERVISOR | ROLE_APPLICANT, action_post,
     .body = dossier_action_body,
     .text_vi =
         "Thao tác với hồ sơ: tiếp nhận, yêu cầu bổ sung, có kết quả, khiếu nại, bồi thường…",
     .text_en = "A step of the dossier: accept, ask for a supplement, result ready, claim …"},
    {HTTP_POST, "/v1/dossiers/{code}/corrections", ROLE_CLERK | ROLE_SUPERVISOR, correction_post,
     .body = correction_body,
     .text_vi = "Sửa thông tin tiếp nhận trong ca; lịch sử ghi những mục đã sửa.",
     .text_en = "Corrects an intake within the shift; the history says which members."},
    {HTTP_POST, "/v1/dossiers/{code}/split", ROLE_CLERK | ROLE_SUPERVISOR, split_post,
     .body = split_body,
     .text_vi = "Tách trong ca một phần giấy tờ thành hồ sơ riêng, có mã và bưu gửi riêng.",
     .text_en = "Within the shift, some of the papers become a dossier of their own."},
    {HTTP_POST, "/v1/dossiers/{code}/group", ROLE_CLERK | ROLE_SUPERVISOR, group_post,
     .body = group_body,
     .text_vi = "Gộp trong ca một hồ sơ khác của cùng người nộp, cùng thủ tục vào hồ sơ này.",
     .text_en = "Within the shift, another dossier of the same applicant and procedure is grouped "
                "into this one."},
    {HTTP_POST, "/v1/dossiers/{code}/pieces", ROLE_CLERK | ROLE_SUPERVISOR, pieces_post,
     .body = pieces_body,
     .text_vi = "Chia giấy tờ thành nhiều kiện trong ca, mỗi kiện một số hiệu.",
     .text_en = "Within the shift, the papers go in pieces, each with its own number."},
    {HTTP_GET, "/v1/inbox", ROLE_OFFICER | ROLE_SUPERVISOR | ROLE_ADMIN, inbox_get,
     .query = inbox_query,
     .text_vi = "Bàn làm việc của bộ phận Một cửa: quá hạn và sắp đến hạn trước.",
     .text_en = "The desk of a one-stop department: overdue and due soon first."},
    {HTTP_POST, "/v1/dossiers/{code}/questions", ROLE_OFFICER, question_post, .body = question_body,
     .text_vi = "Lấy ý kiến một cơ quan khác về hồ sơ, với thời hạn trả lời riêng.",
     .text_en = "Asks another agency about the dossier, with a time of its own for the answer."},
    {HTTP_POST, "/v1/dossiers/{code}/questions/{id}/answer", ROLE_OFFICER, answer_post,
     .body = answer_body, .text_vi = "Cơ quan được hỏi trả lời.",
     .text_en = "The agency that was asked answers."},
    {HTTP_POST, "/v1/dossiers/{code}/questions/{id}/end", ROLE_OFFICER, question_end_post,
     .body = end_body, .text_vi = "Cơ quan hỏi không chờ trả lời nữa.",
     .text_en = "The agency that asked waits for it no longer."},
    {0},
};

const struct capability dossier_capability = {.name = "dossier", .routes = routes};
