#include <string.h>

#include "attachment/attachment.h"
#include "base/log.h"
#include "dossier/result_db.h"
#include "dossier/result_http.h"
#include "dossier/result_seal.h"
#include "dossier/result_token.h"
#include "http/respond.h"
#include "http/server.h"

// A pass that is wrong, over, of another dossier, or of one that has nothing to download: one
// answer.

static const char *const wants[] = {"pdf", "seal", NULL};

const struct json_field result_fetch_body[] = {
    {"token", JSON_KIND_TEXT, true, 1, 100, .text = "The pass, from download.token"},
    {"what", JSON_KIND_ENUM, false, .choices = wants, .text = "pdf when it is not said"},
    {0},
};

void result_pass(struct arena *arena, json_t *view, const uint8_t dossier[16])
{
    json_t *download = json_object_get(view, "download");
    char token[RESULT_TOKEN_TEXT], at[CLOCK_TEXT];
    if (!json_bool(download, "allowed"))
        return;
    int64_t ends_at = clock_now() + INT64_C(1000000) * RESULT_TOKEN_SECONDS;
    result_token(dossier, ends_at, token);
    clock_format(ends_at, at);
    json_object_set_new(download, "token", json_string(token));
    json_object_set_new(download, "expires_at", json_string(at));
    json_object_set_new(
        download, "url",
        json_string(arena_printf(arena, "/v1/track/%s/result", json_text(view, "code"))));
}

static bool wants_pdf(const struct request *req)
{
    const char *what = json_text(req->body, "what");
    return !what || strcmp(what, "pdf") == 0;
}

static void opened(void *arg, const struct db_result *r);

void result_fetch_post(struct request *req)
{
    uint8_t dossier[UUID_BYTES];
    if (result_token_read(json_text(req->body, "token"), clock_now(), dossier))
        result_open(req->app->db, req->params[0], dossier, wants_pdf(req), opened, req);
    else
        reply_problem(req, ERR_DOWNLOAD_REFUSED, NULL);
}

static const char *name_of(struct request *req, const json_t *row)
{
    return arena_printf(&req->arena, "ket-qua-%s-%lld", json_text(row, "code"),
                        (long long)json_int(row, "version", 0));
}

static void send_seal(struct request *req, const json_t *row)
{
    struct result_seal seal;
    if (!result_seal_of(row, &seal)) {
        log_error("result", req->subject, "the key of a seal is not in the ring");
        reply_problem(req, ERR_INTERNAL, NULL);
        return;
    }
    reply_header(
        req, "Content-Disposition",
        arena_printf(&req->arena, "attachment; filename=\"%s.seal.json\"", name_of(req, row)));
    reply_header(req, "Cache-Control", "private, no-store");
    reply_json(req, 200, result_seal_json(&seal));
}

static void opened(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    uint8_t file[UUID_BYTES];
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    const char *text = db_is_null(r, 0, 0) ? NULL : db_json(r, 0, 0, &len);
    json_t *row = text ? json_loadb(text, len, 0, NULL) : NULL;
    if (!row)
        reply_problem(req, ERR_DOWNLOAD_REFUSED, NULL);
    else if (!wants_pdf(req))
        send_seal(req, row);
    else if (uuid_parse(json_text(row, "file"), file))
        attachment_send(req, file, "application/pdf", name_of(req, row));
    else
        reply_problem(req, ERR_INTERNAL, NULL);
    json_decref(row);
}
