#include "attachment/attachment_http.h"

#include <string.h>

#include "account/account.h"
#include "attachment/attachment.h"
#include "attachment/attachment_db.h"
#include "attachment/picture.h"
#include "base/log.h"
#include "http/respond.h"
#include "http/server.h"

enum { SENDERS = ROLE_APPLICANT | ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER };

// --- sending out ---------------------------------------------------------------------------------

// One part after the other is fetched, opened and handed on; the next one when the client has taken
// that.
struct sending {
    struct request *req;
    uint8_t id[UUID_BYTES];
    const char *media, *name;
    int32_t at;
    bool begun, waits;
};

static void part_ask(struct sending *s);
static void part_read(void *arg, const struct db_result *r);

void attachment_send(struct request *req, const uint8_t id[16], const char *media, const char *name)
{
    struct sending *s = arena_alloc(&req->arena, sizeof *s);
    *s = (struct sending){.req = req,
                          .media = arena_strdup(&req->arena, media),
                          .name = arena_strdup(&req->arena, name)};
    memcpy(s->id, id, sizeof s->id);
    part_ask(s);
}

static void part_ask(struct sending *s)
{
    attachment_part_at(s->req->app->db, s->id, s->at, part_read, s);
}

// Also when the client goes while a part is being read: that one ends it then.
static void on_room(void *arg)
{
    struct sending *s = arg;
    bool waited = s->waits;
    s->waits = false;
    if (waited)
        part_ask(s);
}

// To be kept as a file, never to be shown as a page of ours.
static void begin(struct sending *s)
{
    struct request *req = s->req;
    reply_header(req, "Content-Disposition",
                 arena_printf(&req->arena, "attachment; filename=\"%s.%s\"", s->name,
                              media_suffix(media_of_type(s->media))));
    reply_header(req, "Content-Security-Policy", "default-src 'none'; sandbox");
    reply_header(req, "Cache-Control", "private, no-store");
    reply_begin(req, 200, s->media, on_room, s);
    s->begun = true;
}

static void fail(struct sending *s, const struct db_result *r)
{
    if (r->err == ERR_OK)
        log_error("attachment", s->req->subject, "a part cannot be opened");
    if (s->begun)
        reply_end(s->req, false);
    else if (r->err != ERR_OK)
        reply_problem_raised(s->req, r->err, r->detail);
    else
        reply_problem(s->req, ERR_INTERNAL, NULL);
}

static void part_read(void *arg, const struct db_result *r)
{
    struct sending *s = arg;
    struct arena arena;
    size_t len = 0;
    if (r->err == ERR_OK && r->rows == 0 && s->begun) {
        reply_end(s->req, true);
        return;
    }
    arena_init(&arena);
    const char *plain =
        r->err == ERR_OK && r->rows == 1
            ? seal_open(&arena, db_text(r, 0, PART_SEALED), db_len(r, 0, PART_SEALED),
                        db_text(r, 0, PART_KEY), db_len(r, 0, PART_KEY), &len)
            : NULL;
    if (!plain) {
        arena_finish(&arena);
        fail(s, r);
        return;
    }
    if (!s->begun)
        begin(s);
    enum reply_flow flow = reply_part(s->req, plain, len);
    arena_finish(&arena);
    s->at += (int32_t)len;
    s->waits = flow == REPLY_WAIT;
    if (flow == REPLY_GONE)
        reply_end(s->req, false);
    else if (flow == REPLY_GO_ON)
        part_ask(s);
}

// --- asking for --------------------------------------------------------------------------------

static void opened(void *arg, const struct db_result *r);

static void one_get(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        attachment_open(req->app->db, &req->who, id, opened, req);
}

static void opened(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    uint8_t id[UUID_BYTES];
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    const char *text = db_json(r, 0, 0, &len);
    json_t *file = json_loadb(text, len, 0, NULL);
    const char *media = arena_strdup(&req->arena, json_text(file, "media"));
    json_decref(file);
    if (uuid_parse(req->params[0], id))
        attachment_send(req, id, media, req->params[0]);
    else
        reply_problem(req, ERR_INTERNAL, NULL);
}

static void listed(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

static void list_get(struct request *req)
{
    const char *dossier = json_text(req->args, "dossier"), *draft = json_text(req->args, "draft");
    struct json_errors errors = {0};
    if (!dossier == !draft) {
        json_error_add(&errors, "", "choice", "Cần đúng một trong hai: dossier hoặc draft.",
                       "Exactly one of dossier and draft is needed.");
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
        return;
    }
    attachment_list(req->app->db, &req->who, dossier ? "dossier" : "draft",
                    dossier ? dossier : draft, listed, req);
}

static void removed(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (r->err != ERR_OK)
        reply_problem_raised(req, r->err, r->detail);
    else
        reply_empty(req, 204);
}

static void one_delete(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        attachment_remove(req->app->db, &req->who, id, removed, req);
}

// --- of a draft, for its owner -------------------------------------------------------------------

void attachment_draft_put(struct request *req, const char *draft, const char *procedure)
{
    json_object_set_new(req->args, "draft", json_string(draft));
    json_object_set_new(req->args, "procedure", json_string(procedure));
    json_object_set_new(req->args, "kind", json_string("document"));
    upload_post(req);
}

void attachment_draft_get(struct request *req, const char *file)
{
    req->params[0] = file;
    one_get(req);
}

void attachment_draft_drop(struct request *req, const char *file)
{
    req->params[0] = file;
    one_delete(req);
}

// --- routes --------------------------------------------------------------------------------------

static const struct json_field list_query[] = {
    {"dossier", JSON_KIND_TEXT, false, 1, 64,
     .text = "Its code, or the number of a shipment of it"},
    {"draft", JSON_KIND_UUID, false, .text = "Or the id of one's own draft"},
    {0},
};

const struct route attachment_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/attachments",
     .roles = SENDERS,
     .handle = upload_post,
     .query = upload_query,
     .body_max = ATTACHMENT_PART_MAX,
     .raw_body = true,
     .text_vi = "Gửi một phần (16 đến 256 KiB; phần cuối có thể ngắn hơn) của ảnh, chữ ký hoặc "
                "giấy tờ; sai vị trí thì trả lời "
                "vị trí đang chờ. Khi đủ, nội dung được kiểm tra: PNG, JPEG hoặc PDF không khóa, "
                "không có mã lệnh.",
     .text_en =
         "One part of a picture, signature or paper: 16 to 256 KiB, the last may be "
         "shorter; at a wrong offset the "
         "answer tells the one expected. Once whole it is looked at: a PNG, a JPEG, or a PDF "
         "that is neither locked nor runs anything."},
    {.method = HTTP_GET,
     .path = "/v1/attachments",
     .roles = ROLE_APPLICANT | ROLE_STAFF,
     .handle = list_get,
     .query = list_query,
     .text_vi =
         "Các tệp của một hồ sơ, hoặc của bản nháp của mình: loại, dành cho giấy tờ nào, ai gửi, "
         "lúc nào.",
     .text_en =
         "The files of a dossier, or of one's own draft: what they are, for which paper, who sent "
         "them and when."},
    {.method = HTTP_GET,
     .path = "/v1/attachments/{id}",
     .roles = ROLE_APPLICANT | ROLE_STAFF,
     .handle = one_get,
     .text_vi = "Tải một tệp đã gửi; việc đọc được ghi lại.",
     .text_en = "A file that was sent, for download; reading it is recorded."},
    {.method = HTTP_DELETE,
     .path = "/v1/attachments/{id}",
     .roles = ROLE_APPLICANT | ROLE_CLERK,
     .handle = one_delete,
     .text_vi = "Bỏ một tệp của bản nháp của mình; tệp của hồ sơ thì được giữ.",
     .text_en = "Drops a file of one's own draft; what belongs to a dossier stays."},
    {0}};
