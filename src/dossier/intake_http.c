#include "dossier/intake_http.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "custody/custody.h"
#include "dossier/dossier_db.h"
#include "dossier/dossier_http.h"
#include "dossier/personal.h"
#include "dossier/receipt_code.h"
#include "http/respond.h"

enum {
    SHEETS_MAX = 1000,
    PHONE_DIGITS_MIN = 8,
    CONDITION_MAX = 40,
    CONDITIONS_MAX = 10,
    COPIES_MAX = 100
};

static const char *const services[] = {"send", "receive", "both", NULL};
static const char *const kinds[] = {"citizen", "enterprise", "household", NULL};
static const char *const results[] = {"address", "post_office", "agency", "online", NULL};
static const char *const extras[] = {"appointment_note", NULL};

const struct json_field address_shape[] = {
    {"line", JSON_KIND_TEXT, true, 1, 200, .text = "House, street, hamlet"},
    {"commune", JSON_KIND_TEXT, true, 5, 5, .text = "Code of the commune"},
    {0},
};

const struct json_field applicant_shape[] = {
    {"kind", JSON_KIND_ENUM, true, .choices = kinds, .text = "Citizen, enterprise or household"},
    {"name", JSON_KIND_TEXT, true, 1, 200, .text = "Full name"},
    {"phone", JSON_KIND_TEXT, true, 8, 20, .text = "Digits, spaces, dots, + in front"},
    {"email", JSON_KIND_TEXT, false, 3, 200, .text = "Address for notices"},
    {"id_number", JSON_KIND_TEXT, false, 8, 20, .text = "Identity or enterprise number"},
    {"address", JSON_KIND_OBJECT, true, .shape = address_shape},
    {0},
};

const struct json_field proxy_shape[] = {
    {"name", JSON_KIND_TEXT, true, 1, 200, .text = "Who acts for the applicant"},
    {"phone", JSON_KIND_TEXT, false, 8, 20},
    {"id_number", JSON_KIND_TEXT, false, 8, 20},
    {"authorisation", JSON_KIND_TEXT, false, 1, 200, .text = "Number and date of the paper"},
    {0},
};

static const struct json_field document_shape[] = {
    {"name", JSON_KIND_TEXT, true, 1, 300, .text = "As in the procedure's checklist"},
    {"originals", JSON_KIND_INT, true, 0, SHEETS_MAX},
    {"copies", JSON_KIND_INT, true, 0, SHEETS_MAX},
    {"returned", JSON_KIND_BOOL, .text = "Whether the originals go back to the applicant"},
    {0},
};

const struct json_field result_shape[] = {
    {"kind", JSON_KIND_ENUM, true, .choices = results, .text = "Where the result goes"},
    {"unit", JSON_KIND_TEXT, false, 2, 20, .text = "Code of the post office, for post_office"},
    {"name", JSON_KIND_TEXT, false, 1, 200, .text = "When somebody else receives it"},
    {"phone", JSON_KIND_TEXT, false, 8, 20},
    {"address", JSON_KIND_OBJECT, .shape = address_shape,
     .text = "For address; the applicant's own when absent"},
    {0},
};

const struct json_field document_item = {.kind = JSON_KIND_OBJECT, .shape = document_shape};
static const struct json_field extra_item = {.kind = JSON_KIND_ENUM, .choices = extras};
static const struct json_field condition_item = {
    .kind = JSON_KIND_TEXT, .least = 1, .greatest = CONDITION_MAX};
const struct json_field fees_shape[] = {
    {"when", JSON_KIND_ARRAY, false, 0, CONDITIONS_MAX, .item = &condition_item,
     .text = "Conditions of the procedure's fees that hold, as its entry has them"},
    {"copies", JSON_KIND_INT, false, 1, COPIES_MAX,
     .text = "Of the result, where each is paid for"},
    {0},
};

const struct json_field intake_body[] = {
    {"id", JSON_KIND_UUID, true, .text = "Made by the client; the same again is never done twice"},
    {"procedure", JSON_KIND_TEXT, true, 8, 40, .text = "Code of the procedure"},
    {"agency", JSON_KIND_TEXT, true, 2, 20, .text = "Code of the agency that decides"},
    {"receiving", JSON_KIND_TEXT, false, 2, 20,
     .text = "Code of the one-stop department of the province that takes it over for the agency"},
    {"service", JSON_KIND_ENUM, true, .choices = services,
     .text = "send the dossier, receive the result, or both"},
    {"applicant", JSON_KIND_OBJECT, true, .shape = applicant_shape},
    {"proxy", JSON_KIND_OBJECT, .shape = proxy_shape},
    {"documents", JSON_KIND_ARRAY, true, 1, PAPERS_MAX, .item = &document_item},
    {"weight_g", JSON_KIND_INT, true, 1, WEIGHT_MAX},
    {"seal", JSON_KIND_TEXT, false, 1, 40, .text = "Number of the envelope's seal"},
    {"result_to", JSON_KIND_OBJECT, true, .shape = result_shape},
    {"extras", JSON_KIND_ARRAY, false, 0, 1, .item = &extra_item},
    {"fees", JSON_KIND_OBJECT, .shape = fees_shape, .text = "Which of the agency's fees"},
    {"paid", JSON_KIND_BOOL, .text = "The clerk took the whole amount in cash"},
    {"note", JSON_KIND_LINES, false, 0, NOTE_MAX},
    {"number", JSON_KIND_TEXT, false, 1, 250,
     .text = "Of papers taken in off line: their number, leased before; the next one when absent"},
    {"at", JSON_KIND_TIME, .text = "Beside number: when the papers were taken in"},
    {0},
};

static void check_phone(struct json_errors *errors, const json_t *object, const char *pointer)
{
    const char *phone = json_text(object, "phone");
    int digits = 0;
    bool good = true;
    for (const char *c = phone; c && *c; c++) {
        digits += isdigit((unsigned char)*c) != 0;
        good =
            good && (isdigit((unsigned char)*c) || strchr(" .-", *c) || (*c == '+' && c == phone));
    }
    if (phone && (!good || digits < PHONE_DIGITS_MIN))
        json_error_add(errors, pointer, "format", "Số điện thoại chưa đúng.",
                       "Not a telephone number.");
}

static void check_email(struct json_errors *errors, const json_t *applicant)
{
    const char *email = json_text(applicant, "email");
    const char *at = email ? strchr(email, '@') : NULL;
    if (email && (!at || at == email || !strchr(at, '.') || strpbrk(email, " ,;<>")))
        json_error_add(errors, "/applicant/email", "format", "Địa chỉ thư điện tử chưa đúng.",
                       "Not an e-mail address.");
}

void intake_check_people(const json_t *body, struct json_errors *errors)
{
    const json_t *applicant = json_object_get(body, "applicant");
    check_phone(errors, applicant, "/applicant/phone");
    check_phone(errors, json_object_get(body, "proxy"), "/proxy/phone");
    check_phone(errors, json_object_get(body, "result_to"), "/result_to/phone");
    check_email(errors, applicant);
}

// Money is taken at a counter.
static void check_paid(struct json_errors *errors, const struct request *req)
{
    if (json_bool(req->body, "paid") && !(req->who.roles & ROLE_CLERK))
        json_error_add(errors, "/paid", "choice", "Chỉ giao dịch viên ghi nhận tiền mặt.",
                       "Only a clerk records cash.");
}

// A leased number, as people or scanners give it, becomes the number itself.
static enum err check_number(struct json_errors *errors, const struct request *req)
{
    const char *code = json_text(req->body, "number");
    char number[SUBJECT_TEXT];
    if (code == NULL) {
        if (json_text(req->body, "at"))
            json_error_add(errors, "/at", "choice", "Chỉ ghi cùng số hiệu đã cấp trước.",
                           "Only beside a leased number.");
        return ERR_OK;
    }
    if (!(req->who.roles & ROLE_CLERK))
        json_error_add(errors, "/number", "choice", "Chỉ giao dịch viên dùng số hiệu cấp trước.",
                       "Only a clerk uses a leased number.");
    enum err err = custody_code_read(code, number);
    if (err == ERR_OK && custody_is_container(number))
        err = ERR_BAD_CODE;
    if (err == ERR_OK)
        json_object_set_new(req->body, "number", json_string(number));
    return err;
}

static void receipt_of(const json_t *body, uint8_t hash[SEAL_DIGEST_BYTES])
{
    uint8_t id[UUID_BYTES] = {0};
    const char *text = json_text(body, "id");
    if (text && uuid_parse(text, id))
        receipt_code_hash_of(id, 1, hash);
    else
        memset(hash, 0, SEAL_DIGEST_BYTES);
}

void receipt_first(const struct request *req, uint8_t hash[SEAL_DIGEST_BYTES])
{
    receipt_of(req->body, hash);
}

void dossier_filing(struct arena *arena, const json_t *body, struct dossier_filing *out)
{
    const char *text = json_line(arena, body, JSON_SORT_KEYS);
    out->body = personal_split(arena, body, &out->personal);
    seal_digest(text, strlen(text), out->digest);
    receipt_of(body, out->receipt);
}

void dossier_show(struct request *req, json_t *view)
{
    const char *path = json_text(view, "tracking_url");
    receipt_code_show(&req->arena, view);
    if (path && *path == '/')
        json_object_set_new(view, "tracking_url", json_string(request_url(req, path)));
}

json_t *dossier_people(struct arena *arena, const void *sealed, size_t len, const void *key,
                       size_t key_len)
{
    return personal_open(arena, sealed, len, key, key_len);
}

static void intake_done(void *arg, const struct db_result *r);

void intake_post(struct request *req)
{
    struct json_errors errors = {0};
    intake_check_people(req->body, &errors);
    check_paid(&errors, req);
    enum err err = check_number(&errors, req);
    if (errors.count) {
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
        return;
    }
    if (err != ERR_OK) {
        reply_problem(req, err, NULL);
        return;
    }
    struct sealed sealed;
    uint8_t digest[SEAL_DIGEST_BYTES], receipt[SEAL_DIGEST_BYTES];
    receipt_first(req, receipt);
    const char *part = personal_split(&req->arena, req->body, &sealed);
    request_digest(req, digest);
    dossier_intake(req->app->db, &req->who, part, &sealed, digest, receipt, intake_done, req);
}

static void intake_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    json_t *view = view_of(req, r, 0);
    receipt_code_show(&req->arena, view);
    const char *code = json_text(view, "code");
    reply_header(req, "Location", arena_printf(&req->arena, "/v1/dossiers/%s", code ? code : ""));
    reply_view(req, 201, view);
}
