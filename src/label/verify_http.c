#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/keys.h"
#include "label/label.h"
#include "label/label_db.h"
#include "label/label_http.h"

// What anybody may ask: is this code ours, and with which keys was it signed.

const struct json_field label_verify_body[] = {{.name = "code",
                                                .kind = JSON_KIND_TEXT,
                                                .required = true,
                                                .least = 1,
                                                .greatest = 300,
                                                .text = "What the scanner read from the QR"},
                                               {0}};

void label_keys_get(struct request *req)
{
    const struct keyring *keys;
    const char *purpose;
    json_t *list = json_array();
    for (int ring = 0; (keys = keyring_published(ring, &purpose)) != NULL; ring++)
        label_keys_add(list, keys, purpose);
    reply_json(req, 200, json_pack("{s:o}", "keys", list));
}

struct verify {
    struct request *req;
    struct label_code code;
};

static void verified(void *arg, const struct db_result *result);

static json_t *revoked_json(const struct label_code *code)
{
    char key[5], at[CLOCK_TEXT];
    snprintf(key, sizeof key, "%04x", code->key);
    clock_format(keyring_find(label_keys(), code->key)->revoked_at, at);
    return json_pack("{s:b, s:s, s:s, s:s}", "genuine", 0, "number", code->number, "key", key,
                     "revoked_at", at);
}

void label_verify_post(struct request *req)
{
    struct verify *verify = arena_alloc(&req->arena, sizeof *verify);
    verify->req = req;
    enum err err = label_code_read(json_text(req->body, "code"), &verify->code);
    if (err == ERR_REVOKED_KEY) {
        reply_problem_with(req, err, NULL, revoked_json(&verify->code));
        return;
    }
    if (err != ERR_OK) {
        reply_problem(req, err, NULL);
        return;
    }
    label_db_known(req->app->db, verify->code.number, (int32_t)verify->code.office, verified,
                   verify);
}

static void verified(void *arg, const struct db_result *result)
{
    struct verify *verify = arg;
    const struct label_code *code = &verify->code;
    char day[LABEL_DAY_TEXT], key[5];
    size_t len;
    if (result->err != ERR_OK) {
        reply_problem_raised(verify->req, result->err, result->detail);
        return;
    }
    const char *text = db_json(result, 0, 0, &len);
    json_t *known = json_loadb(text, len, 0, NULL);
    int64_t copy = json_int(known, "copy", 0);
    label_day_format(code->day, day);
    snprintf(key, sizeof key, "%04x", code->key);
    json_t *reply = json_pack(
        "{s:b, s:s, s:i, s:s, s:s, s:b, s:b, s:O, s:s}", "genuine", 1, "number", code->number,
        "copy", code->copy, "printed_on", day, "key", key, "demo", code->flags & LABEL_FLAG_DEMO,
        "superseded", code->copy < LABEL_COPY_MORE && copy > code->copy, "office",
        json_object_get(known, "office"), "tracking_url",
        request_url(verify->req, arena_printf(&verify->req->arena, "/t/%s", code->number)));
    json_decref(known);
    reply_json(verify->req, 200, reply);
}

// A telephone's camera opens what the QR says: the page shows what anybody may see of a number, and
// attests nothing, so a label of a revoked key opens it too.
void label_code_get(struct request *req)
{
    struct label_code code;
    enum err err = label_code_read(req->params[0], &code);
    if (err != ERR_OK && err != ERR_REVOKED_KEY)
        reply_problem(req, err, NULL);
    else
        reply_redirect(req, 302, arena_printf(&req->arena, "/t/%s", code.number));
}
