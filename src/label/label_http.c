#include "label/label_http.h"

#include <sodium.h>
#include <string.h>

#include "account/account.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/bag.h"
#include "label/invitation.h"
#include "label/kind.h"
#include "label/label.h"
#include "label/label_db.h"
#include "label/label_values.h"
#include "label/render.h"
#include "postal/postal.h"

enum { NUMBERS_MAX = 500, REASON_MAX = 200, TEMPLATE_NAME = 40 };

static struct label_asker asker(const struct request *req)
{
    return (struct label_asker){req->who.account, req->who.unit, req->who.roles};
}

void label_wrong_choice(struct request *req, const char *pointer, const char *vi, const char *en)
{
    struct json_errors errors = {0};
    json_error_add(&errors, pointer, "choice", vi, en);
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
}

void label_wrong_template(struct request *req)
{
    label_wrong_choice(req, "/template", "Không có mẫu nhãn này.", "There is no such template.");
}

void label_wrong_paper(struct request *req)
{
    label_wrong_choice(req, "/template", "Mẫu này rộng hơn giấy của loại máy in này.",
                       "This template is wider than the paper of such printers.");
}

void label_wrong_dpi(struct request *req)
{
    label_wrong_choice(req, "/dpi", "Độ phân giải là 203, 300 hoặc 600.",
                       "The dpi is 203, 300 or 600.");
}

// --- one label -----------------------------------------------------------------------------------

struct drawing {
    struct request *req;
    const struct label_template *t;
    enum label_about about;
    struct label_data data;
    char number[S9_TEXT]; // of the shipment, or the bag
    int dpi;
    enum label_format format;
    bool ok;
    struct buf out;
    struct label_fault fault;
};

// "RR123456785VN.png", or that of a bag, into number and format.
static enum err name_read(const char *name, struct drawing *drawing)
{
    char number[48];
    const char *dot = strrchr(name, '.');
    if (!dot || (size_t)(dot - name) >= sizeof number)
        return ERR_NOT_FOUND;
    drawing->format = label_format_named(dot + 1);
    memcpy(number, name, (size_t)(dot - name));
    number[dot - name] = '\0';
    if (drawing->format == LABEL_FORMAT_COUNT)
        return ERR_NOT_FOUND;
    if (s9_normalize(number, drawing->number))
        return ERR_OK;
    if (!s10_normalize(number, drawing->number) || !s10_service_allowed(drawing->number))
        return ERR_NOT_FOUND;
    return s10_valid(drawing->number) ? ERR_OK : ERR_BAD_CHECK_DIGIT;
}

static const struct about {
    const struct label_words *words;
    enum label_about about;
    bool bag;
} abouts[] = {{&label_words, LABEL_OF_SHIPMENT, false},
              {&invitation_words, LABEL_OF_INVITATION, false},
              {&bag_words, LABEL_OF_BAG, true}};

// The template, that of a bag for a bag; its kind says what is asked. False: there is none of this
// name for such a thing.
static bool template_read(const char *name, struct drawing *drawing)
{
    bool bag = strlen(drawing->number) == S9_TEXT - 1;
    drawing->t = label_template_named(name ? name : bag ? "bag" : "shipment", NULL);
    for (size_t i = 0; drawing->t && i < countof(abouts); i++) {
        drawing->about = abouts[i].about;
        if (abouts[i].words == drawing->t->words && abouts[i].bag == bag)
            return true;
    }
    return false;
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
    drawing->dpi = (int)json_int(req->args, "dpi", 203);
    if (err != ERR_OK)
        reply_problem(req, err, NULL);
    else if (!template_read(template, drawing))
        label_wrong_template(req);
    else if (label_dots_per_mm(drawing->dpi) == 0)
        label_wrong_dpi(req);
    else if (!label_format_fits(drawing->format, drawing->t))
        label_wrong_paper(req);
    else
        label_db_data(req->app->db, drawing->about, drawing->number, &who, label_loaded, drawing);
}

static void label_loaded(void *arg, const struct db_result *result)
{
    struct drawing *drawing = arg;
    struct request *req = drawing->req;
    if (result->err != ERR_OK) {
        reply_problem_raised(req, result->err, result->detail);
    } else if (!label_values(&req->arena, drawing->t, result, 0, 0, &drawing->data)) {
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

// A printer has a template of its own, for when none is named.
static const char *template_of(const struct request *req)
{
    const char *template = json_text(req->body, "template");
    return template || json_text(req->body, "printer") ? template : "shipment";
}

static void print_post(struct request *req)
{
    const json_t *list = json_object_get(req->body, "numbers");
    const char **numbers = arena_alloc(&req->arena, json_array_size(list) * sizeof *numbers);
    const char *template = template_of(req), *printer = json_text(req->body, "printer");
    uint8_t digest[crypto_hash_sha256_BYTES], id[UUID_BYTES];
    struct label_asker who = asker(req);
    const char *key;
    if (template && !label_template_named(template, &label_words)) {
        label_wrong_template(req);
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
                                .template = template,
                                .printer = printer && uuid_parse(printer, id) ? id : NULL,
                                .reason = json_text(req->body, "reprint_reason"),
                                .key = key,
                                .digest = digest};
    label_db_print(req->app->db, &print, &who, label_printed, req);
}

static json_t *links_of(struct request *req, const char *number, const char *template)
{
    json_t *links = json_object();
    for (int i = 0; i < LABEL_FORMAT_COUNT; i++) {
        const char *format = label_format_name((enum label_format)i);
        json_object_set_new(links, format,
                            json_string(arena_printf(&req->arena, "/v1/labels/%s.%s?template=%s",
                                                     number, format, template)));
    }
    return links;
}

static void labels_link(struct request *req, json_t *list, const char *template)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        const char *problem = json_text(one, "problem");
        if (!problem)
            json_object_set_new(one, "links", links_of(req, json_text(one, "number"), template));
        else
            json_object_set_new(one, "problem",
                                json_string(arena_printf(&req->arena, "/problems/%s", problem)));
    }
}

// Where to look for the job, if there is one.
static void job_link(struct request *req, json_t *job)
{
    const char *id = json_text(job, "id");
    if (id)
        json_object_set_new(job, "link",
                            json_string(arena_printf(&req->arena, "/v1/labels/jobs/%s", id)));
}

// [labels] of print; {labels, template, job?} of print on a printer.
static void label_printed(void *arg, const struct db_result *result)
{
    struct request *req = arg;
    size_t len;
    if (result->err != ERR_OK) {
        reply_problem_raised(req, result->err, result->detail);
        return;
    }
    const char *text = db_json(result, 0, 0, &len);
    json_t *reply = json_loadb(text, len, 0, NULL);
    if (json_is_array(reply))
        reply = json_pack("{s:o}", "labels", reply);
    const char *template = json_text(reply, "template");
    labels_link(req, json_object_get(reply, "labels"), template ? template : template_of(req));
    job_link(req, json_object_get(reply, "job"));
    json_object_del(reply, "template");
    reply_json(req, 200, reply);
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
     .text = "shipment (100 × 150 mm) when absent, or the printer's own"},
    {.name = "printer",
     .kind = JSON_KIND_UUID,
     .text = "Printer of the office that prints them; nothing is printed when absent"},
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
     .text = "shipment (100 × 150 mm) when absent; shipment-a6, shipment-a4 (four on a sheet), "
             "sticker; invitation, invitation-a4; of a bag: bag"},
    {.name = "dpi",
     .kind = JSON_KIND_INT,
     .least = 1,
     .greatest = 2400,
     .text = "Resolution of the printer: 203 when absent, 300 or 600"},
    {0}};

enum { PRINTERS = ROLE_CLERK | ROLE_HUB | ROLE_OFFICER | ROLE_COURIER };

#define BATCH_STREAM(format, vi, en) \
    { \
        .method = HTTP_GET, .path = "/v1/labels/batches/{id}." #format, .roles = PRINTERS, \
        .handle = batch_stream_get, .text_vi = "Nhãn của cả lô: " vi ", vẽ đến đâu gửi đến đó.", \
        .text_en = "The labels of a batch as " en ", sent as they are drawn." \
    }

const struct route label_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/labels/{file}",
     .roles = PRINTERS,
     .handle = label_get,
     .query = label_query,
     .text_vi = "Vẽ nhãn của bưu gửi hoặc túi ({số hiệu}.pdf, .png, .svg, .zpl, .tspl hoặc "
                ".escpos), hay giấy mời nhận; không ghi nhận gì.",
     .text_en = "Draws the label of a shipment or a bag ({number}.pdf, .png, .svg, .zpl, .tspl or "
                ".escpos), or an invitation to collect; records nothing."},
    {.method = HTTP_POST,
     .path = "/v1/labels/print",
     .roles = PRINTERS,
     .handle = print_post,
     .body = print_body,
     .text_vi = "Cấp số bản in kế tiếp cho từng bưu gửi và ghi lại; có máy in thì in.",
     .text_en = "Allocates and records the next copy of each shipment's label; prints it when a "
                "printer is named."},
    {.method = HTTP_POST,
     .path = "/v1/labels/batch",
     .roles = PRINTERS,
     .handle = batch_post,
     .body = batch_body,
     .body_max = BATCH_BODY_MAX,
     .text_vi =
         "Chuẩn bị vẽ nhãn của nhiều bưu gửi (đến 10.000) thành một tệp; không cấp số bản in.",
     .text_en =
         "Prepares the labels of many shipments (up to 10,000) as one file; counts no copies."},
    {.method = HTTP_GET,
     .path = "/v1/labels/batches/{id}",
     .roles = PRINTERS,
     .handle = batch_get,
     .text_vi = "Đã vẽ đến đâu và nhãn nào không vẽ được.",
     .text_en = "How far it is drawn, and which labels could not be."},
    BATCH_STREAM(pdf, "một tệp PDF", "one PDF"),
    BATCH_STREAM(zpl, "ZPL", "ZPL"),
    BATCH_STREAM(tspl, "TSPL", "TSPL"),
    BATCH_STREAM(escpos, "ESC/POS", "ESC/POS"),
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
