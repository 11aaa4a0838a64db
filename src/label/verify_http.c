#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "http/respond.h"
#include "http/server.h"
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

static json_t *key_json(const struct sign_key *key, const char *purpose, bool newest)
{
    char id[5], made[CLOCK_TEXT],
        open[sodium_base64_ENCODED_LEN(SIGN_KEY_PUBLIC, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
    snprintf(id, sizeof id, "%04x", key->id);
    clock_format(key->made_at, made);
    sodium_bin2base64(open, sizeof open, key->open, sizeof key->open,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "kid", id, "kty", "OKP", "crv",
                     "Ed25519", "x", open, "use", "sig", "purpose", purpose, "created_at", made,
                     "signing", newest);
}

void label_keys_get(struct request *req)
{
    const struct keyring *keys;
    const char *purpose;
    json_t *list = json_array();
    for (int ring = 0; (keys = keyring_published(ring, &purpose)) != NULL; ring++) {
        for (int i = 0; i < keys->count; i++)
            json_array_append_new(list, key_json(&keys->list[i], purpose, i == keys->count - 1));
    }
    reply_json(req, 200, json_pack("{s:o}", "keys", list));
}

static void day_text(uint16_t day, char out[11])
{
    char text[CLOCK_TEXT];
    clock_format((int64_t)day * 86400 * 1000000, text);
    snprintf(out, 11, "%.10s", text);
}

struct verify {
    struct request *req;
    struct label_code code;
};

static void verified(void *arg, const struct db_result *result);

void label_verify_post(struct request *req)
{
    struct verify *verify = arena_alloc(&req->arena, sizeof *verify);
    verify->req = req;
    enum err err = label_code_read(json_text(req->body, "code"), &verify->code);
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
    char day[11], key[5];
    size_t len;
    if (result->err != ERR_OK) {
        reply_problem_raised(verify->req, result->err, result->detail);
        return;
    }
    const char *text = db_json(result, 0, 0, &len);
    json_t *known = json_loadb(text, len, 0, NULL);
    const json_t *copy = json_object_get(known, "copy");
    day_text(code->day, day);
    snprintf(key, sizeof key, "%04x", code->key);
    json_t *reply = json_pack(
        "{s:b, s:s, s:i, s:s, s:s, s:b, s:b, s:O, s:s}", "genuine", 1, "number", code->number,
        "copy", code->copy, "printed_on", day, "key", key, "demo", code->flags & LABEL_FLAG_DEMO,
        "superseded", json_is_integer(copy) && json_integer_value(copy) > code->copy, "office",
        json_object_get(known, "office"), "tracking_url",
        request_url(verify->req, arena_printf(&verify->req->arena, "/t/%s", code->number)));
    json_decref(known);
    reply_json(verify->req, 200, reply);
}

// A telephone's camera opens what the QR says.
void label_code_get(struct request *req)
{
    struct label_code code;
    enum err err = label_code_read(req->params[0], &code);
    if (err != ERR_OK)
        reply_problem(req, err, NULL);
    else
        reply_redirect(req, 302, arena_printf(&req->arena, "/t/%s", code.number));
}
