#include <math.h>
#include <sodium.h>
#include <string.h>

#include "account/account.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/label.h"
#include "printing/ipp.h"
#include "printing/print_db.h"
#include "printing/print_uri.h"
#include "printing/printing_http.h"
#include "printing/spooler.h"

enum { NAME = 80, TEMPLATE = 40, CODE = 40, VERSION_MAX = 2000000000 };
enum { RULERS = ROLE_SUPERVISOR | ROLE_ADMIN };
enum { USERS = ROLE_CLERK | ROLE_HUB | ROLE_OFFICER | ROLE_COURIER | RULERS };

static const char *const languages[] = {"pdf", "png", "zpl", "tspl", "escpos", NULL};

#define PRINTER_FIELDS \
    {"name", JSON_KIND_TEXT, true, 1, NAME, .text = "How people at the counter know it"}, \
        {"uri", JSON_KIND_TEXT, true, \
         8,     PRINT_URI,      .text = "ipp://host:631/ipp/print, ipps://… or socket://host:9100"}, \
        {"language", JSON_KIND_ENUM, true, .choices = languages, .text = "What it understands"}, \
        {"dpi", JSON_KIND_INT, true, 203, 600, .text = "203, 300 or 600"}, \
    { \
        "template", JSON_KIND_TEXT, true, 1, TEMPLATE, .text = "Template of its paper" \
    }

static const struct json_field make_body[] = {
    {"id", JSON_KIND_UUID, true, .text = "Made by the client; the same again makes no other"},
    {"unit", JSON_KIND_TEXT, false, 2, 20, .text = "Code of the unit; one's own when absent"},
    PRINTER_FIELDS,
    {"active", JSON_KIND_BOOL, .text = "In use; true when absent"},
    {0},
};

static const struct json_field change_body[] = {
    PRINTER_FIELDS,
    {"active", JSON_KIND_BOOL, true, .text = "In use; what waits for another is cancelled"},
    {"version", JSON_KIND_INT, false, 1, VERSION_MAX, .text = "The one that was seen"},
    {0},
};

static const struct json_field list_query[] = {
    {"unit", JSON_KIND_TEXT, false, 2, 20, .text = "Code of the unit; one's own when absent"},
    {0},
};

static const struct json_field scan_body[] = {
    {"code", JSON_KIND_TEXT, true, 1, CODE, .text = "What the scanner read from the test page"},
    {"measured_tenths", JSON_KIND_INT, false, 50, 2000,
     .text = "How long the ruler of 40 mm came out, in tenths of a millimetre"},
    {0},
};

static void row_done(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

static void made_done(void *arg, const struct db_result *r)
{
    reply_row(arg, 201, db_row_json(r));
}

// --- what a printer is ---------------------------------------------------------------------------

static void template_check(const json_t *body, struct json_errors *errors)
{
    const struct label_template *t =
        label_template_named(json_text(body, "template"), &label_words);
    enum label_format format = label_format_named(json_text(body, "language"));
    if (!t)
        json_error_add(errors, "/template", "choice", "Không có mẫu nhãn này.",
                       "There is no such template.");
    if (format == LABEL_FORMAT_COUNT)
        json_error_add(errors, "/language", "choice", "Chưa hỗ trợ ngôn ngữ này.",
                       "This language is not spoken here.");
    else if (t && !label_format_fits(format, t))
        json_error_add(errors, "/template", "choice", "Mẫu này rộng hơn giấy của loại máy in này.",
                       "This template is wider than the paper of such printers.");
}

static bool printer_check(struct request *req)
{
    struct json_errors errors = {0};
    struct print_uri uri;
    if (!print_uri_read(json_text(req->body, "uri"), &uri))
        json_error_add(&errors, "/uri", "format",
                       "Địa chỉ có dạng ipp://máy:631/ipp/print hoặc socket://máy:9100, không kèm "
                       "mật khẩu.",
                       "An address is ipp://host:631/ipp/print or socket://host:9100, without a "
                       "password.");
    if (label_dots_per_mm(json_int(req->body, "dpi", 0)) == 0)
        json_error_add(&errors, "/dpi", "choice", "Độ phân giải là 203, 300 hoặc 600.",
                       "The dpi is 203, 300 or 600.");
    template_check(req->body, &errors);
    if (errors.count)
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
    return errors.count == 0;
}

static void list_get(struct request *req)
{
    print_db_printers(req->app->db, &req->who, json_text(req->args, "unit"), row_done, req);
}

static void make_post(struct request *req)
{
    if (printer_check(req))
        print_db_make(req->app->db, &req->who, json_line(&req->arena, req->body, 0), made_done,
                      req);
}

static void change_put(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id) && printer_check(req))
        print_db_change(req->app->db, &req->who, id, json_line(&req->arena, req->body, 0), row_done,
                        req);
}

// --- how it is -----------------------------------------------------------------------------------

struct asking {
    struct request *req;
    struct print_uri uri;
    struct ipp_printer printer;
    struct ipp_told told;
};

static void place_known(void *arg, const struct db_result *r);
static void asking_run(void *arg);
static void asking_done(void *arg);
static void asking_told(void *arg, const struct db_result *r);

static void state_get(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        print_db_place(req->app->db, &req->who, id, place_known, req);
}

static void place_known(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    struct asking *asking = arena_alloc(&req->arena, sizeof *asking);
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    const char *text = db_json(r, 0, 0, &len);
    json_t *place = json_loadb(text, len, 0, NULL);
    asking->req = req;
    bool good = print_uri_read(json_text(place, "uri"), &asking->uri);
    json_decref(place);
    if (!good)
        reply_problem(req, ERR_INTERNAL, NULL);
    else if (!work_submit(spooler_crew(), &req->app->loop, asking_run, asking_done, asking))
        reply_problem(req, ERR_BUSY, NULL);
}

static void asking_run(void *arg)
{
    struct asking *asking = arg;
    asking->told = asking->uri.scheme == PRINT_SOCKET
                       ? ipp_reach(&asking->uri)
                       : ipp_look(&asking->uri, NULL, &asking->printer);
}

static void asking_done(void *arg)
{
    struct asking *asking = arg;
    const char *codes[IPP_WORDS + 2];
    int count = 0;
    if (!spooler_crew()) // the service has ended
        return;
    if (asking->told.end != TOLD_DONE)
        codes[count++] = asking->told.trouble;
    else if (asking->uri.scheme != PRINT_SOCKET && !asking->printer.accepting)
        codes[count++] = "not-accepting";
    for (int i = 0; i < asking->printer.count; i++)
        codes[count++] = asking->printer.reasons[i];
    if (count == 0)
        codes[count++] = "none";
    print_db_troubles(asking->req->app->db, codes, count, asking_told, asking);
}

static const char *state_name(const struct asking *asking)
{
    static const char *const names[] = {[3] = "idle", [4] = "processing", [5] = "stopped"};
    int state = asking->printer.state;
    if (asking->told.end != TOLD_DONE)
        return "unreachable";
    return state >= 3 && state <= 5 ? names[state] : "reachable";
}

static void asking_told(void *arg, const struct db_result *r)
{
    struct asking *asking = arg;
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(asking->req, r->err, r->detail);
        return;
    }
    const char *text = db_json(r, 0, 0, &len);
    reply_json(asking->req, 200,
               json_pack("{s:s, s:b, s:o}", "state", state_name(asking), "reachable",
                         asking->told.end == TOLD_DONE, "reasons", json_loadb(text, len, 0, NULL)));
}

// --- its test page -------------------------------------------------------------------------------

static void test_post(struct request *req)
{
    uint8_t id[UUID_BYTES], digest[crypto_hash_sha256_BYTES];
    const char *key;
    if (!request_uuid(req, id))
        return;
    if (request_idempotency_key(req, &key) != ERR_OK) {
        reply_problem(req, ERR_BAD_REQUEST, NULL);
        return;
    }
    crypto_hash_sha256(digest, (const uint8_t *)req->path, strlen(req->path));
    print_db_test(req->app->db, &req->who, id, key, digest, made_done, req);
}

static void scan_post(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        print_db_test_scan(req->app->db, &req->who, id, json_text(req->body, "code"),
                           (int32_t)json_int(req->body, "measured_tenths", 0), row_done, req);
}

const struct route printer_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/printers",
     .roles = USERS,
     .handle = list_get,
     .query = list_query,
     .text_vi = "Máy in của đơn vị.",
     .text_en = "Printers of a unit."},
    {.method = HTTP_POST,
     .path = "/v1/printers",
     .roles = RULERS,
     .handle = make_post,
     .body = make_body,
     .text_vi = "Khai báo máy in cho một đơn vị.",
     .text_en = "Registers a printer of a unit."},
    {.method = HTTP_PUT,
     .path = "/v1/printers/{id}",
     .roles = RULERS,
     .handle = change_put,
     .body = change_body,
     .text_vi = "Sửa thông tin máy in, hoặc ngừng dùng.",
     .text_en = "Changes what is known of a printer, or takes it out of use."},
    {.method = HTTP_GET,
     .path = "/v1/printers/{id}/state",
     .roles = USERS,
     .handle = state_get,
     .text_vi = "Hỏi máy in xem có sẵn sàng không, vướng gì.",
     .text_en = "Asks the printer whether it is ready, and what is wrong."},
    {.method = HTTP_POST,
     .path = "/v1/printers/{id}/test",
     .roles = USERS,
     .handle = test_post,
     .text_vi = "In trang in thử.",
     .text_en = "Prints the test page."},
    {.method = HTTP_POST,
     .path = "/v1/printers/{id}/test/scan",
     .roles = USERS,
     .handle = scan_post,
     .body = scan_body,
     .text_vi = "Một mã quét lại từ trang in thử: máy in có in đúng không.",
     .text_en = "A code read back from the test page: whether the printer prints well."},
    {0}};
