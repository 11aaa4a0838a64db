#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/batch_db.h"
#include "label/label_http.h"
#include "label/part.h"
#include "postal/postal.h"

// What a batch is made of, and how far it is. Its drawing is batch_stream_http.c.

enum { NUMBERS_MAX = 10000, NUMBER_MAX = 40, TEMPLATE_NAME = 40 };

static const char *const formats[] = {"pdf", "zpl", "tspl", "escpos", NULL};

static const struct json_field number_item = {
    .kind = JSON_KIND_TEXT, .least = 1, .greatest = NUMBER_MAX, .text = "S10 number"};

const struct json_field batch_body[] = {
    {.name = "numbers",
     .kind = JSON_KIND_ARRAY,
     .required = true,
     .least = 1,
     .greatest = NUMBERS_MAX,
     .item = &number_item,
     .text = "Shipments, in the order of the file; what is unknown is named and left out"},
    {.name = "template",
     .kind = JSON_KIND_TEXT,
     .least = 1,
     .greatest = TEMPLATE_NAME,
     .text = "shipment (100 × 150 mm) when absent"},
    {.name = "dpi",
     .kind = JSON_KIND_INT,
     .least = 1,
     .greatest = 2400,
     .text = "Resolution of the printer: 203 when absent, 300 or 600"},
    {.name = "format",
     .kind = JSON_KIND_ENUM,
     .choices = formats,
     .text = "pdf when absent: one file; zpl, tspl, escpos: what the printer is sent for each"},
    {0}};

// The document that SQL gives, with links, as the reply.
static void reply_batch(struct request *req, int status, struct row_json row)
{
    if (row.err != ERR_OK || !row.json) {
        reply_row(req, status, row);
        return;
    }
    json_t *batch = json_loadb(row.json, row.len, 0, NULL);
    const char *id = json_text(batch, "id"), *format = json_text(batch, "format");
    const char *self = arena_printf(&req->arena, "/v1/labels/batches/%s", id);
    json_object_set_new(batch, "links",
                        json_pack("{s:s, s:s}", "self", self, "labels",
                                  arena_printf(&req->arena, "%s.%s", self, format)));
    if (status == 201)
        reply_header(req, "Location", self);
    reply_json(req, status, batch);
}

// --- how far it is -------------------------------------------------------------------------------

static void batch_found(void *arg, const struct db_result *result)
{
    reply_batch(arg, 200, db_row_json(result));
}

void batch_get(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        batch_db_of(req->app->db, id, req->who.account, batch_found, req);
}

// --- a new one -----------------------------------------------------------------------------------

// The numbers as they are written, and a problem for each that is none.
static int numbers_read(struct request *req, const char **out, json_t *problems)
{
    size_t i;
    json_t *item;
    int count = 0;
    json_array_foreach(json_object_get(req->body, "numbers"), i, item)
    {
        char number[S10_TEXT];
        const char *text = json_string_value(item);
        enum err err = s10_normalize(text, number) && s10_service_allowed(number)
                           ? s10_valid(number) ? ERR_OK : ERR_BAD_CHECK_DIGIT
                           : ERR_NOT_FOUND;
        if (err == ERR_OK)
            out[count++] = arena_strdup(&req->arena, number);
        else
            json_array_append_new(
                problems, json_pack("{s:s, s:s}", "number", text, "problem",
                                    arena_printf(&req->arena, "/problems/%s", err_row(err)->slug)));
    }
    return count;
}

static void batch_made(void *arg, const struct db_result *result);

static void batch_ask(struct request *req, struct label_batch_ask *ask)
{
    const json_t *list = json_object_get(req->body, "numbers");
    const char **numbers = arena_alloc(&req->arena, json_array_size(list) * sizeof *numbers);
    struct label_asker who = {req->who.account, req->who.unit, req->who.roles};
    json_t *problems = json_array();
    ask->numbers = numbers;
    ask->count = numbers_read(req, numbers, problems);
    char *text = json_dumps(problems, JSON_COMPACT);
    ask->problems = arena_strdup(&req->arena, text);
    free(text);
    json_decref(problems);
    uint8_t *digest = arena_alloc(&req->arena, crypto_hash_sha256_BYTES);
    crypto_hash_sha256(digest, (const uint8_t *)req->raw, req->raw_len);
    ask->digest = digest;
    batch_db_make(req->app->db, ask, &who, batch_made, req);
}

void batch_post(struct request *req)
{
    const char *template = json_text(req->body, "template"),
               *format = json_text(req->body, "format");
    struct label_batch_ask ask = {.template = template ? template : "shipment",
                                  .format = format ? format : "pdf",
                                  .dpi = (int)json_int(req->body, "dpi", 203)};
    const struct label_template *t = label_template_named(ask.template, &label_words);
    if (!t)
        label_wrong_template(req);
    else if (label_dots_per_mm(ask.dpi) == 0)
        label_wrong_dpi(req);
    else if (!label_format_fits(label_format_named(ask.format), t))
        label_wrong_paper(req);
    else if (request_idempotency_key(req, &ask.key) != ERR_OK)
        reply_problem(req, ERR_BAD_REQUEST, NULL);
    else
        batch_ask(req, &ask);
}

static void batch_made(void *arg, const struct db_result *result)
{
    reply_batch(arg, 201, db_row_json(result));
}
