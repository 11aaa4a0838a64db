#include "online/draft_http.h"

#include <string.h>

#include "account/account.h"
#include "attachment/attachment.h"
#include "base/json_form.h"
#include "base/log.h"
#include "dossier/dossier.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/label.h"
#include "online/draft.h"

enum { BEGIN_MORE = 512 };

// --- what it says --------------------------------------------------------------------------------

json_t *draft_says(struct request *req, const struct db_result *r)
{
    size_t len;
    const char *plain =
        seal_open(&req->arena, db_text(r, 0, DRAFT_SEALED), db_len(r, 0, DRAFT_SEALED),
                  db_text(r, 0, DRAFT_KEY), db_len(r, 0, DRAFT_KEY), &len);
    json_t *says = plain ? json_loadb(plain, len, 0, NULL) : NULL;
    if (!says) {
        log_error("online", req->subject, "a draft cannot be opened");
        reply_problem(req, ERR_INTERNAL, NULL);
    }
    return says;
}

static json_t *errors_json(const struct request *req, const struct json_errors *errors)
{
    json_t *list = json_array();
    for (int i = 0; i < errors->count; i++) {
        const struct json_error *e = &errors->list[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "pointer", e->pointer, "code",
                                              e->code, "detail",
                                              req->lang == LANG_EN ? e->detail_en : e->detail_vi));
    }
    return list;
}

// What was typed for a form that has changed since stays as far as it fits.
static void carry_over(json_t *view, json_t *says)
{
    json_t *answers = json_object_get(says, "form");
    const json_t *form = json_object_get(json_object_get(view, "procedure"), "form");
    if (!json_is_true(json_object_get(view, "changed")) || !answers)
        return;
    json_object_set_new(view, "left_over", json_form_fit(form, answers));
}

static void show_says(struct request *req, json_t *view, json_t *says)
{
    struct json_errors errors = {0};
    carry_over(view, says);
    json_t *checked = json_deep_copy(says);
    draft_check(&req->arena, json_object_get(view, "procedure"), checked, &errors);
    json_object_set_new(view, "errors", errors_json(req, &errors));
    json_object_set_new(view, "says", says);
    json_decref(checked);
}

// The code that a clerk scans: the outward shipment's, or the dossier's own.
static void show_code(struct request *req, json_t *dossier)
{
    struct buf svg = {0};
    dossier_show(req, dossier);
    char *url = arena_strdup(&req->arena, json_text(dossier, "tracking_url"));
    for (char *c = url; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    if (label_qr_svg(url, &svg))
        json_object_set_new(dossier, "qr", json_stringn(svg.data, svg.len));
    buf_finish(&svg);
}

void draft_reply(struct request *req, int status, const struct db_result *r, int col, json_t *says)
{
    size_t len;
    const char *text = db_json(r, 0, col, &len);
    json_t *view = json_loadb(text, len, 0, NULL), *dossier = json_object_get(view, "dossier");
    if (dossier)
        show_code(req, dossier);
    if (says && !dossier)
        show_says(req, view, says);
    else
        json_decref(says);
    reply_header(req, "ETag",
                 arena_printf(&req->arena, "\"%lld\"", (long long)json_int(view, "version", 0)));
    reply_json(req, status, view);
}

static bool failed(struct request *req, const struct db_result *r)
{
    if (r->err != ERR_OK)
        reply_problem_raised(req, r->err, r->detail);
    return r->err != ERR_OK;
}

// --- to begin ------------------------------------------------------------------------------------

static const struct json_field begin_body[] = {
    {"id", JSON_KIND_UUID, true, .text = "Made by the client; the dossier's, once it is filed"},
    {"procedure", JSON_KIND_TEXT, true, 8, 40, .text = "Code of a procedure of level 3 or 4"},
    {"says", JSON_KIND_OBJECT, .shape = draft_shape, .text = "What it says at first"},
    {0},
};

static void begun(void *arg, const struct db_result *r);

// Nobody's draft could be opened by anybody.
static bool has_owner(struct request *req, struct draft_key *key)
{
    const char *id = json_text(req->body, "id"), *secret = request_header(req, "X-Draft-Key");
    struct json_errors errors = {0};
    struct draft_key made;
    bool account = req->who.roles & (ROLE_APPLICANT | ROLE_CLERK);
    if (secret ? draft_secret_read(secret, id, made.holder) : account)
        return draft_key_read(req, id, key);
    json_error_add(&errors, "", "required",
                   "Cần tài khoản người nộp, hoặc X-Draft-Key gồm 32 byte ngẫu nhiên (base64url).",
                   "An applicant's account is needed, or X-Draft-Key with 32 random bytes "
                   "(base64url).");
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
    return false;
}

static void draft_post(struct request *req)
{
    struct draft_key key;
    struct sealed says;
    if (!has_owner(req, &key))
        return;
    const json_t *first = json_object_get(req->body, "says");
    const char *text = first ? json_line(&req->arena, first, 0) : "{}";
    seal_close(&req->arena, text, strlen(text), &says);
    draft_begin(req->app->db, &key, req->peer, json_text(req->body, "procedure"), &says, begun,
                req);
}

// The same id once more: what it says by now.
static void begun_reply(struct request *req, const struct db_result *r)
{
    bool filed = db_is_null(r, 0, DRAFT_SEALED);
    json_t *says = filed ? NULL : draft_says(req, r);
    if (!filed && !says)
        return;
    reply_header(req, "Location",
                 arena_printf(&req->arena, "/v1/drafts/%s", json_text(req->body, "id")));
    draft_reply(req, 201, r, DRAFT_VIEW, says);
}

static void begun(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (failed(req, r))
        return;
    if (!draft_must_wait(req, db_int4(r, 0, BEGUN_RETRY_AFTER)))
        begun_reply(req, r);
}

// --- to read, save and drop ----------------------------------------------------------------------

static void read_done(void *arg, const struct db_result *r);

static void one_get(struct request *req)
{
    struct draft_key key;
    if (draft_key_read(req, req->params[0], &key))
        draft_get(req->app->db, &key, read_done, req);
}

static void read_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (failed(req, r))
        return;
    bool filed = db_bool(r, 0, DRAFT_FILED);
    json_t *says = filed ? NULL : draft_says(req, r);
    if (filed || says)
        draft_reply(req, 200, r, DRAFT_VIEW, says);
}

static void saved(void *arg, const struct db_result *r);

static void one_put(struct request *req)
{
    struct draft_key key;
    struct sealed says;
    if (!draft_key_read(req, req->params[0], &key))
        return;
    int32_t version = draft_version_read(req);
    if (version == 0)
        return;
    const char *text = json_line(&req->arena, req->body, 0);
    seal_close(&req->arena, text, strlen(text), &says);
    draft_save(req->app->db, &key, req->peer, version, &says, saved, req);
}

static void saved(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (!failed(req, r) && !draft_must_wait(req, db_int4(r, 0, SAVED_RETRY_AFTER)))
        draft_reply(req, 200, r, DRAFT_VIEW, json_incref(req->body));
}

static void dropped(void *arg, const struct db_result *r);

static void one_delete(struct request *req)
{
    struct draft_key key;
    if (draft_key_read(req, req->params[0], &key))
        draft_drop(req->app->db, &key, dropped, req);
}

static void dropped(void *arg, const struct db_result *r)
{
    if (!failed(arg, r))
        reply_empty(arg, 204);
}

static void listed(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

static void list_get(struct request *req)
{
    draft_mine(req->app->db, req->who.account, listed, req);
}

// --- routes --------------------------------------------------------------------------------------

#define WHO_VI " Dành cho tài khoản đã tạo, hoặc người giữ khóa gửi trong X-Draft-Key."
#define WHO_EN " For the account that began it, or whoever sends its secret in X-Draft-Key."

const struct route draft_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/drafts",
     .handle = draft_post,
     .body = begin_body,
     .body_max = DRAFT_MAX + BEGIN_MORE,
     .text_vi =
         "Bắt đầu hồ sơ nộp trực tuyến (mức độ 3, 4): có tài khoản, hoặc không tài khoản với "
         "khóa 32 byte ngẫu nhiên (base64url) do thiết bị tạo, gửi trong X-Draft-Key. Gửi lại thì "
         "trả lời bản nháp như đang có.",
     .text_en = "Begins what is to be filed on line (levels 3 and 4): with an account, or without "
                "one with a secret of 32 random bytes (base64url) that the device makes, in "
                "X-Draft-Key. Once more gives the draft as it is by then."},
    {.method = HTTP_GET,
     .path = "/v1/drafts",
     .roles = ROLE_APPLICANT | ROLE_CLERK,
     .handle = list_get,
     .text_vi = "Các bản nháp của tài khoản mình.",
     .text_en = "The drafts of one's own account."},
    {.method = HTTP_GET,
     .path = "/v1/drafts/{id}",
     .handle = one_get,
     .text_vi =
         "Bản nháp, các tệp và những mục còn thiếu hoặc chưa đúng; đã nộp thì là hồ sơ." WHO_VI,
     .text_en =
         "The draft, its files, and what is missing or wrong; once filed, the dossier." WHO_EN},
    {.method = HTTP_PUT,
     .path = "/v1/drafts/{id}",
     .handle = one_put,
     .body = draft_shape,
     .body_max = DRAFT_MAX,
     .text_vi =
         "Lưu nội dung bản nháp, cần If-Match; mục chưa đúng vẫn được lưu và được nêu." WHO_VI,
     .text_en = "Saves what it says, with If-Match; what is wrong is kept, and named." WHO_EN},
    {.method = HTTP_DELETE,
     .path = "/v1/drafts/{id}",
     .handle = one_delete,
     .text_vi = "Bỏ bản nháp cùng các tệp." WHO_VI,
     .text_en = "Drops the draft and its files." WHO_EN},
    {.method = HTTP_POST,
     .path = "/v1/drafts/{id}/submission",
     .handle = submit_post,
     .text_vi = "Nộp hồ sơ, cần If-Match; nộp lại thì trả lời cùng hồ sơ đó." WHO_VI,
     .text_en = "Files it, with If-Match; once more gives the same dossier." WHO_EN},
    {.method = HTTP_POST,
     .path = "/v1/drafts/{id}/files",
     .handle = file_post,
     .query = attachment_draft_query,
     .body_max = ATTACHMENT_PART_MAX,
     .raw_body = true,
     .text_vi = "Gửi một phần của tệp (như POST /v1/attachments) cho bản nháp." WHO_VI,
     .text_en = "One part of a file, as POST /v1/attachments takes it, for the draft." WHO_EN},
    {.method = HTTP_GET,
     .path = "/v1/drafts/{id}/files/{file}",
     .handle = file_get,
     .text_vi = "Tải một tệp của bản nháp." WHO_VI,
     .text_en = "A file of the draft, for download." WHO_EN},
    {.method = HTTP_DELETE,
     .path = "/v1/drafts/{id}/files/{file}",
     .handle = file_delete,
     .text_vi = "Bỏ một tệp của bản nháp." WHO_VI,
     .text_en = "Drops a file of the draft." WHO_EN},
    {.method = HTTP_POST,
     .path = "/v1/drafts/{id}/actions",
     .handle = filed_action_post,
     .body = dossier_action_body,
     .text_vi =
         "Thao tác với hồ sơ đã nộp từ bản nháp, như POST /v1/dossiers/{code}/actions: người "
         "nộp được xin rút hồ sơ." WHO_VI,
     .text_en = "A step of the dossier that was filed, as POST /v1/dossiers/{code}/actions takes "
                "it: its applicant may ask to withdraw." WHO_EN},
    {.method = HTTP_PUT,
     .path = "/v1/drafts/{id}/pickup",
     .handle = filed_pickup_put,
     .body = filed_pickup_body,
     .text_vi = "Đổi ngày, buổi bưu tá đến nhận giấy tờ của hồ sơ đã nộp, cần If-Match." WHO_VI,
     .text_en = "Another day or half for the pick-up of what was filed, with If-Match." WHO_EN},
    {.method = HTTP_DELETE,
     .path = "/v1/drafts/{id}/pickup",
     .handle = filed_pickup_delete,
     .text_vi = "Hủy hẹn đến nhận, giấy tờ được mang ra bưu cục; cần If-Match." WHO_VI,
     .text_en = "No pick-up: the papers are brought to the post office; with If-Match." WHO_EN},
    {0},
};
