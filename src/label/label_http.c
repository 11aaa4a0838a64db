#include "label/label_http.h"

#include <sodium.h>
#include <string.h>

#include "account/account.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/seal.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/label.h"
#include "label/label_db.h"
#include "label/people.h"
#include "label/render.h"
#include "postal/postal.h"

enum { NUMBERS_MAX = 500, REASON_MAX = 200, TEMPLATE_NAME = 40 };

static struct label_asker asker(const struct request *req)
{
    return (struct label_asker){req->who.account, req->who.unit, req->who.roles};
}

static void wrong(struct request *req, const char *pointer, const char *vi, const char *en)
{
    struct json_errors errors = {0};
    json_error_add(&errors, pointer, "choice", vi, en);
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
}

static void wrong_template(struct request *req)
{
    wrong(req, "/template", "Không có mẫu nhãn này.", "There is no such template.");
}

// --- one label -----------------------------------------------------------------------------------

struct drawing {
    struct request *req;
    const struct label_template *t;
    struct label_data data;
    char number[S10_TEXT];
    int dpi;
    enum label_format format;
    bool ok;
    struct buf out;
    struct label_fault fault;
};

// "RR123456785VN.png" into number and format.
static enum err name_read(const char *name, struct drawing *drawing)
{
    char number[24];
    const char *dot = strrchr(name, '.');
    if (!dot || (size_t)(dot - name) >= sizeof number)
        return ERR_NOT_FOUND;
    drawing->format = label_format_named(dot + 1);
    memcpy(number, name, (size_t)(dot - name));
    number[dot - name] = '\0';
    if (drawing->format == LABEL_FORMAT_COUNT || !s10_normalize(number, drawing->number) ||
        !s10_service_allowed(drawing->number))
        return ERR_NOT_FOUND;
    return s10_valid(drawing->number) ? ERR_OK : ERR_BAD_CHECK_DIGIT;
}

static void label_loaded(void *arg, const struct db_result *result);
static void label_draw(void *arg);
static void label_drawn(void *arg);

static void label_get(struct request *req)
{
    struct drawing *drawing = arena_alloc(&req->arena, sizeof *drawing);
    struct label_asker who = asker(req);
    const char *template = json_text(req->args, "template");
    enum err err = name_read(req->params[0], drawing);
    drawing->req = req;
    drawing->t = label_template_named(template ? template : "shipment", &label_words);
    drawing->dpi = (int)json_int(req->args, "dpi", 203);
    if (err != ERR_OK)
        reply_problem(req, err, NULL);
    else if (!drawing->t)
        wrong_template(req);
    else if (label_dots_per_mm(drawing->dpi) == 0)
        wrong(req, "/dpi", "Độ phân giải là 203, 300 hoặc 600.", "The dpi is 203, 300 or 600.");
    else
        label_db_data(req->app->db, drawing->number, &who, label_loaded, drawing);
}

// The values in the request's arena. False when the personal part cannot be opened.
static bool label_fill(struct drawing *drawing, const struct db_result *result)
{
    struct request *req = drawing->req;
    struct label_links links;
    size_t len, plain_len;
    const char *text = db_json(result, 0, 0, &len), *personal = NULL;
    if (!db_is_null(result, 0, 1)) {
        personal = seal_open(&req->arena, db_text(result, 0, 1), db_len(result, 0, 1),
                             db_text(result, 0, 2), db_len(result, 0, 2), &plain_len);
        if (!personal)
            return false;
    }
    json_t *facts = json_loadb(text, len, 0, NULL);
    label_links_make(&links, request_url(req, ""));
    struct label_source source = {label_keys(), &links, clock_now(), conf.demo};
    bool ok = facts && label_people_join(&req->arena, facts, personal) &&
              label_data_make(&req->arena, facts, &source, &drawing->data);
    json_decref(facts);
    return ok;
}

static void label_loaded(void *arg, const struct db_result *result)
{
    struct drawing *drawing = arg;
    struct request *req = drawing->req;
    if (result->err != ERR_OK) {
        reply_problem_raised(req, result->err, result->detail);
    } else if (!label_fill(drawing, result)) {
        log_error("label", req->subject, "the data of %s cannot be read", drawing->number);
        reply_problem(req, ERR_INTERNAL, NULL);
    } else if (!work_submit(req->app->crew, &req->app->loop, label_draw, label_drawn, drawing)) {
        reply_problem(req, ERR_BUSY, NULL);
    }
}

static void label_draw(void *arg)
{
    struct drawing *drawing = arg;
    drawing->ok = label_render(drawing->t, &drawing->data, drawing->dpi, drawing->format,
                               &drawing->out, &drawing->fault);
}

static void label_drawn(void *arg)
{
    struct drawing *drawing = arg;
    struct request *req = drawing->req;
    struct buf out = drawing->out;
    if (!drawing->ok) {
        log_error("label", req->subject, "%s: %s", drawing->number, drawing->fault.text);
        reply_problem(req, ERR_INTERNAL, NULL);
    } else {
        reply_header(req, "Cache-Control", "no-store");
        reply_header(req, "Content-Disposition",
                     arena_printf(&req->arena, "inline; filename=\"%s.%s\"", drawing->number,
                                  label_format_name(drawing->format)));
        reply_bytes(req, 200, label_format_type(drawing->format), out.data, out.len);
    }
    buf_finish(&out);
}

// --- copies --------------------------------------------------------------------------------------

// The number at this place of the list, as it is written, or what is wrong with it.
static enum err number_read(struct request *req, size_t place, const char **out,
                            struct json_errors *errors)
{
    char number[S10_TEXT];
    const char *pointer = arena_printf(&req->arena, "/numbers/%zu", place);
    const json_t *list = json_object_get(req->body, "numbers");
    if (!s10_normalize(json_string_value(json_array_get(list, place)), number) ||
        !s10_service_allowed(number)) {
        json_error_add(errors, pointer, "format",
                       "Đây không phải số hiệu bưu gửi (ví dụ: RR 12345678 5 VN).",
                       "This is not the number of a shipment, such as RR 12345678 5 VN.");
        return ERR_INVALID_FIELDS;
    }
    *out = arena_strdup(&req->arena, number);
    if (s10_valid(number))
        return ERR_OK;
    json_error_add(errors, pointer, "check_digit",
                   "Chữ số kiểm tra không khớp; xin đọc lại số hiệu này.",
                   "The check digit does not fit; read this number again.");
    return ERR_BAD_CHECK_DIGIT;
}

// Names every number that is wrong; the kind of problem is the first one's.
static bool numbers_read(struct request *req, const char **out)
{
    size_t count = json_array_size(json_object_get(req->body, "numbers"));
    struct json_errors errors = {0};
    enum err first = ERR_OK;
    for (size_t i = 0; i < count; i++) {
        enum err err = number_read(req, i, &out[i], &errors);
        first = first == ERR_OK ? err : first;
    }
    if (first != ERR_OK)
        reply_problem_fields(req, first, &errors);
    return first == ERR_OK;
}

static void label_printed(void *arg, const struct db_result *result);

static void print_post(struct request *req)
{
    const json_t *list = json_object_get(req->body, "numbers");
    const char **numbers = arena_alloc(&req->arena, json_array_size(list) * sizeof *numbers);
    const char *template = json_text(req->body, "template");
    uint8_t digest[crypto_hash_sha256_BYTES];
    struct label_asker who = asker(req);
    const char *key;
    if (!label_template_named(template ? template : "shipment", &label_words)) {
        wrong_template(req);
        return;
    }
    if (request_idempotency_key(req, &key) != ERR_OK) {
        reply_problem(req, ERR_BAD_REQUEST, NULL);
        return;
    }
    if (!numbers_read(req, numbers))
        return;
    crypto_hash_sha256(digest, (const uint8_t *)req->raw, req->raw_len);
    struct label_print print = {.numbers = numbers,
                                .count = (int)json_array_size(list),
                                .template = template ? template : "shipment",
                                .reason = json_text(req->body, "reprint_reason"),
                                .key = key,
                                .digest = digest};
    label_db_print(req->app->db, &print, &who, label_printed, req);
}

static json_t *links_of(struct request *req, const char *number)
{
    const char *template = json_text(req->body, "template");
    json_t *links = json_object();
    for (int i = 0; i < LABEL_FORMAT_COUNT; i++) {
        const char *format = label_format_name((enum label_format)i);
        json_object_set_new(
            links, format,
            json_string(arena_printf(&req->arena, "/v1/labels/%s.%s?template=%s", number, format,
                                     template ? template : "shipment")));
    }
    return links;
}

static void label_printed(void *arg, const struct db_result *result)
{
    struct request *req = arg;
    size_t len, i;
    json_t *one;
    if (result->err != ERR_OK) {
        reply_problem_raised(req, result->err, result->detail);
        return;
    }
    const char *text = db_json(result, 0, 0, &len);
    json_t *list = json_loadb(text, len, 0, NULL);
    json_array_foreach(list, i, one)
    {
        const char *problem = json_text(one, "problem");
        if (!problem)
            json_object_set_new(one, "links", links_of(req, json_text(one, "number")));
        else
            json_object_set_new(one, "problem",
                                json_string(arena_printf(&req->arena, "/problems/%s", problem)));
    }
    reply_json(req, 200, json_pack("{s:o}", "labels", list));
}

// --- routes --------------------------------------------------------------------------------------

static const struct json_field number_item = {
    .kind = JSON_KIND_TEXT, .least = 13, .greatest = 20, .text = "S10 number"};

static const struct json_field print_body[] = {
    {.name = "numbers",
     .kind = JSON_KIND_ARRAY,
     .required = true,
     .least = 1,
     .greatest = NUMBERS_MAX,
     .item = &number_item,
     .text = "Shipments to print a label of"},
    {.name = "template",
     .kind = JSON_KIND_TEXT,
     .least = 1,
     .greatest = TEMPLATE_NAME,
     .text = "shipment (100 × 150 mm) when absent"},
    {.name = "reprint_reason",
     .kind = JSON_KIND_TEXT,
     .least = 1,
     .greatest = REASON_MAX,
     .text = "Required when one of them was printed before"},
    {0}};

static const struct json_field label_query[] = {
    {.name = "template",
     .kind = JSON_KIND_TEXT,
     .least = 1,
     .greatest = TEMPLATE_NAME,
     .text = "shipment (100 × 150 mm) when absent; shipment-a6, sticker"},
    {.name = "dpi",
     .kind = JSON_KIND_INT,
     .least = 1,
     .greatest = 2400,
     .text = "Resolution of the printer: 203 when absent, 300 or 600"},
    {0}};

enum { PRINTERS = ROLE_CLERK | ROLE_HUB | ROLE_OFFICER | ROLE_COURIER };

const struct route label_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/labels/{file}",
     .roles = PRINTERS,
     .handle = label_get,
     .query = label_query,
     .text_vi = "Vẽ nhãn của bưu gửi ({số hiệu}.pdf, .png hoặc .svg); không ghi nhận gì.",
     .text_en = "Draws a shipment's label ({number}.pdf, .png or .svg); records nothing."},
    {.method = HTTP_POST,
     .path = "/v1/labels/print",
     .roles = PRINTERS,
     .handle = print_post,
     .body = print_body,
     .text_vi = "Cấp số bản in kế tiếp cho từng bưu gửi và ghi lại.",
     .text_en = "Allocates and records the next copy of each shipment's label."},
    {.method = HTTP_GET,
     .path = "/v1/keys",
     .handle = label_keys_get,
     .text_vi = "Khóa công khai để kiểm tra mã QR có chữ ký và mốc kiểm tra của nhật ký.",
     .text_en = "Public keys that signed QR codes and checkpoints of the log are checked with."},
    {.method = HTTP_POST,
     .path = "/v1/verify",
     .handle = label_verify_post,
     .body = label_verify_body,
     .text_vi = "Mã QR này có đúng do hệ thống ký không.",
     .text_en = "Whether a signed QR code is genuine."},
    {.method = HTTP_GET,
     .path = "/S/{code}",
     .handle = label_code_get,
     .text_vi = "Liên kết trong mã QR có chữ ký: mở trang tra cứu.",
     .text_en = "The link in a signed QR code: opens the tracking page."},
    {.method = HTTP_GET,
     .path = "/s/{code}",
     .handle = label_code_get,
     .text_vi = "Như /S/{code}.",
     .text_en = "The same as /S/{code}."},
    {0}};
