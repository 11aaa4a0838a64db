#include "dossier/result_http.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "account/account.h"
#include "attachment/attachment.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/keyring.h"
#include "base/log.h"
#include "dossier/dossier.h"
#include "dossier/dossier_http.h"
#include "dossier/result_db.h"
#include "dossier/result_seal.h"
#include "http/respond.h"
#include "http/server.h"

// The number of a version counts in the database and the seal is made here, so what is to be signed
// is asked for first; of two officers at the same moment one is told of a conflict.

enum { REASON_MAX = 2000 };

static struct keyring keys;

static bool setup(void)
{
    if (!keyring_load(&keys, conf.state_dir, "result"))
        return false;
    keyring_publish("result", &keys);
    return true;
}

static void close_keys(struct app_loop *app)
{
    (void)app;
    keyring_finish(&keys);
}

bool result_seal_of(const json_t *row, struct result_seal *out)
{
    const char *code = json_text(row, "code"), *at = json_text(row, "at"),
               *signature = json_text(row, "signature");
    size_t len;
    *out = (struct result_seal){.version = (int32_t)json_int(row, "version", 0),
                                .size = json_int(row, "size", 0),
                                .kid = (uint16_t)json_int(row, "key_id", 0)};
    const struct sign_key *key = keyring_find(&keys, out->kid);
    if (!key || !code || !signature || !at || !clock_parse(at, &out->at) ||
        !result_digest_read(json_text(row, "sha256"), out->sha256) ||
        sodium_hex2bin(out->signature, sizeof out->signature, signature, strlen(signature), NULL,
                       &len, NULL) != 0)
        return false;
    snprintf(out->dossier, sizeof out->dossier, "%s", code);
    memcpy(out->key, key->open, sizeof out->key);
    return true;
}

// As staff see it. A new reference.
static json_t *item_json(const json_t *row)
{
    static const char *const same[] = {"superseded_at", "superseded_by", "kept"};
    struct result_seal seal;
    json_t *item = json_pack("{s:I, s:O?}", "version", json_int(row, "version", 0), "attachment",
                             json_object_get(row, "file"));
    if (result_seal_of(row, &seal))
        json_object_set_new(item, "seal", result_seal_json(&seal));
    for (size_t i = 0; i < countof(same); i++)
        if (json_object_get(row, same[i]))
            json_object_set(item, same[i], json_object_get(row, same[i]));
    return item;
}

static json_t *read_json(struct request *req, const struct db_result *r)
{
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return NULL;
    }
    const char *text = db_json(r, 0, 0, &len);
    return json_loadb(text, len, 0, NULL);
}

// --- sealing -------------------------------------------------------------------------------------

const struct json_field results_body[] = {
    {"attachment", JSON_KIND_UUID, true,
     .text = "The PDF, which was sent before as the dossier's file of kind result"},
    {"sha256", JSON_KIND_TEXT, true, 64, 64, .text = "Its SHA-256, in hex, lower case"},
    {"reason", JSON_KIND_LINES, false, 1, REASON_MAX,
     .text = "Why it replaces the one before; needed then"},
    {0},
};

struct sealing {
    struct request *req;
    struct result_wish wish;
    char ref[ATTACHMENT_REF];
};

static void next_read(void *arg, const struct db_result *r);
static void sealed(void *arg, const struct db_result *r);

void results_post(struct request *req)
{
    struct sealing *s = arena_alloc(&req->arena, sizeof *s);
    *s = (struct sealing){.req = req, .wish = {.key = req->params[0], .if_match = if_match(req)}};
    enum err err = request_idempotency_key(req, &s->wish.idem);
    if (err != ERR_OK) {
        reply_problem(req, err, NULL);
        return;
    }
    if (!uuid_parse(json_text(req->body, "attachment"), s->wish.file) ||
        !attachment_ref(json_text(req->body, "sha256"), s->ref)) {
        struct json_errors errors = {0};
        json_error_add(&errors, "/sha256", "format", "Phải là SHA-256 dạng thập lục phân.",
                       "Must be a SHA-256 in hex.");
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
        return;
    }
    s->wish.ref = s->ref;
    request_digest(req, s->wish.digest);
    result_next(req->app->db, &req->who, &s->wish, next_read, s);
}

static const char *sealed_text(struct sealing *s, const json_t *next)
{
    char signature[2 * RESULT_SIGNATURE + 1], at[CLOCK_TEXT];
    struct result_seal seal = {.version = (int32_t)json_int(next, "version", 0),
                               .size = json_int(next, "size", 0),
                               .at = clock_now()};
    const char *sha256 = json_text(s->req->body, "sha256"),
               *reason = json_text(s->req->body, "reason");
    snprintf(seal.dossier, sizeof seal.dossier, "%s", json_text(next, "code"));
    if (!result_digest_read(sha256, seal.sha256))
        return NULL;
    result_seal_sign(&seal, keyring_signing(&keys));
    sodium_bin2hex(signature, sizeof signature, seal.signature, sizeof seal.signature);
    clock_format(seal.at, at);
    json_t *json =
        json_pack("{s:i, s:s, s:s, s:i, s:s, s:s?}", "version", seal.version, "sha256", sha256,
                  "at", at, "key_id", (int)seal.kid, "signature", signature, "reason", reason);
    const char *text = json_line(&s->req->arena, json, 0);
    json_decref(json);
    return text;
}

static void reply_item(struct request *req, int status, const json_t *row)
{
    json_t *item = item_json(row);
    json_object_set(item, "code", json_object_get(row, "code"));
    reply_json(req, status, item);
}

static void next_read(void *arg, const struct db_result *r)
{
    struct sealing *s = arg;
    json_t *next = read_json(s->req, r);
    if (!next)
        return;
    const json_t *reply = json_object_get(next, "reply");
    const char *text = reply ? NULL : sealed_text(s, next);
    if (reply)
        reply_item(s->req, 200, reply);
    json_decref(next);
    if (text)
        result_put(s->req->app->db, &s->req->who, &s->wish, text, sealed, s);
    else if (!reply)
        reply_problem(s->req, ERR_INTERNAL, NULL);
}

static void sealed(void *arg, const struct db_result *r)
{
    struct sealing *s = arg;
    json_t *row = read_json(s->req, r);
    if (!row)
        return;
    reply_item(s->req, 201, row);
    json_decref(row);
}

// --- looking -------------------------------------------------------------------------------------

static void listed(void *arg, const struct db_result *r);

void results_get(struct request *req)
{
    result_list(req->app->db, &req->who, req->params[0], listed, req);
}

static void listed(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    size_t i;
    json_t *row, *list = read_json(req, r);
    if (!list)
        return;
    json_t *items = json_array();
    json_array_foreach(json_object_get(list, "items"), i, row)
    {
        json_object_set(row, "code", json_object_get(list, "code"));
        json_array_append_new(items, item_json(row));
    }
    json_object_set_new(list, "items", items);
    reply_json(req, 200, list);
}

const struct json_field result_verify_body[] = {
    {"seal", JSON_KIND_ANY_OBJECT, true, .text = "The seal, as it was downloaded beside the PDF"},
    {"sha256", JSON_KIND_TEXT, false, 64, 64, .text = "Of the PDF at hand, in hex, lower case"},
    {0},
};

struct judging {
    struct request *req;
    struct result_seal seal;
    enum result_verdict verdict;
};

static void known(void *arg, const struct db_result *r);

static bool of_other_file(const struct judging *j)
{
    uint8_t digest[RESULT_DIGEST];
    const char *hex = json_text(j->req->body, "sha256");
    return hex &&
           (!result_digest_read(hex, digest) || memcmp(digest, j->seal.sha256, sizeof digest) != 0);
}

void result_verify_post(struct request *req)
{
    struct judging *j = arena_alloc(&req->arena, sizeof *j);
    *j = (struct judging){.req = req};
    if (!result_seal_read(json_object_get(req->body, "seal"), &j->seal)) {
        reply_problem(req, ERR_SEAL_UNREADABLE, NULL);
        return;
    }
    j->verdict = result_seal_judge(&j->seal, &keys);
    if (j->verdict == RESULT_UNKNOWN_KEY) {
        keyrings_look_again(conf.state_dir);
        j->verdict = result_seal_judge(&j->seal, &keys);
    }
    if (j->verdict == RESULT_GENUINE && of_other_file(j))
        j->verdict = RESULT_OTHER_FILE;
    result_known(req->app->db, j->seal.dossier, j->seal.version, j->seal.signature, known, j);
}

// Of a seal that is not genuine nothing is said but that.
static void known(void *arg, const struct db_result *r)
{
    struct judging *j = arg;
    json_t *row = read_json(j->req, r);
    if (!row)
        return;
    bool genuine = j->verdict == RESULT_GENUINE;
    json_t *reply =
        json_pack("{s:b, s:s}", "genuine", genuine, "verdict", result_verdict_name(j->verdict));
    if (genuine) {
        char at[CLOCK_TEXT];
        clock_format(j->seal.at, at);
        json_t *more = json_pack("{s:s, s:i, s:s, s:b}", "dossier", j->seal.dossier, "version",
                                 j->seal.version, "at", at, "compared",
                                 json_text(j->req->body, "sha256") != NULL);
        json_object_update(reply, more);
        json_object_update(reply, row);
        json_decref(more);
    }
    json_decref(row);
    reply_json(j->req, 200, reply);
}

// --- the capability ------------------------------------------------------------------------------

enum { READERS = ROLE_STAFF | ROLE_APPLICANT | ROLE_INTEGRATOR, BODY_MAX = 4096 };

static const struct route routes[] = {
    {HTTP_POST, "/v1/dossiers/{code}/results", ROLE_OFFICER, results_post, .body = results_body,
     .text_vi =
         "Niêm phong tệp PDF kết quả bằng chữ ký của hệ thống; bản trước (nếu có) được thay.",
     .text_en = "Seals a PDF as the dossier's result on line; it replaces the one before."},
    {HTTP_GET, "/v1/dossiers/{code}/results", READERS, results_get,
     .text_vi = "Các bản kết quả điện tử của hồ sơ, cùng chữ ký niêm phong; bản mới nhất trước.",
     .text_en = "The versions of the dossier's result on line with their seals, the current one "
                "first."},
    {HTTP_POST, "/v1/results/verify", ROUTE_PUBLIC, result_verify_post, .body = result_verify_body,
     .body_max = BODY_MAX, .says_itself = true,
     .text_vi = "Kiểm tra chữ ký niêm phong của một kết quả điện tử, và tệp PDF có đúng là tệp đó "
                "không.",
     .text_en = "Is this seal of a result genuine, is the PDF the one it seals, and was it "
                "replaced."},
    {HTTP_POST, "/v1/track/{number}/result", ROUTE_PUBLIC, result_fetch_post,
     .body = result_fetch_body, .body_max = 512,
     .text_vi =
         "Tải kết quả điện tử hoặc chữ ký niêm phong bằng lượt tải mà mã tra cứu đã mở; mỗi lần "
         "tải được ghi lại.",
     .text_en = "The result's PDF, or its seal, with the pass that the receipt's code opened; each "
                "download is recorded."},
    {HTTP_POST, "/t/{number}/result", ROUTE_PUBLIC, result_fetch_post, .body = result_fetch_body,
     .body_max = 512, .form_body = true, .text_vi = "Như trên, từ trang tra cứu.",
     .text_en = "The same, from the page."},
    {0},
};

const struct capability result_capability = {
    .name = "result", .routes = routes, .setup = setup, .close = close_keys};
