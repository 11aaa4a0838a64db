#include <sodium.h>
#include <string.h>

#include "account/account.h"
#include "base/log.h"
#include "base/metrics.h"
#include "dossier/dossier.h"
#include "dossier/personal.h"
#include "dossier/receipt_code.h"
#include "dossier/receipt_http.h"
#include "dossier/result_http.h"
#include "dossier/unlock_db.h"
#include "dossier/unlock_page.h"
#include "dossier/unlocked.h"
#include "http/respond.h"
#include "http/server.h"
#include "tracking/tracking.h"

// A try waits twice: for its count, and when it was right for what it opens. Whether the number is
// unknown, the factor wrong or the data erased, the same things are read, opened and hashed, and
// the reply is the same: what there is none of is taken from a person made up at the start.

struct unlock;

// How the answer is given: to a program or on a page. Each ends the request.
struct face {
    void (*opened)(struct request *req, json_t *view); // takes the reference
    void (*refused)(struct request *req);
    void (*wait)(struct request *req, int seconds);
};

struct unlock {
    struct request *req;
    const struct face *face;
    const char *by;                 // phone, code
    char given[RECEIPT_CODE_PLAIN]; // digits, or the code without its space
    json_t *personal;               // of who was right
    uint8_t dossier[UUID_BYTES];    // theirs
};

static struct {
    struct arena arena;
    struct sealed person;
    uint8_t receipt[SEAL_DIGEST_BYTES];
} nobody;

static const uint8_t no_dossier[UUID_BYTES];

static bool setup(void)
{
    static const char person[] =
        "{\"applicant\":{\"kind\":\"citizen\",\"name\":\"Nguyễn Thị Không Ai\",\"phone\":\"none\","
        "\"email\":\"khong.ai@example.vn\",\"id_number\":\"000000000000\",\"address\":{\"line\":"
        "\"1 Không Đâu\",\"commune\":\"00000\"}},\"result_to\":{\"kind\":\"address\",\"address\":{"
        "\"line\":\"1 Không Đâu\",\"commune\":\"00000\"}}}";
    arena_init(&nobody.arena);
    seal_close(&nobody.arena, person, sizeof person - 1, &nobody.person);
    randombytes_buf(nobody.receipt, sizeof nobody.receipt);
    return true;
}

// --- one try -------------------------------------------------------------------------------------

static void begun(void *arg, const struct db_result *r);
static void opened(void *arg, const struct db_result *r);

// What can be no number is asked for as it was typed: it takes as long as any other.
static void unlock_try(struct unlock *u)
{
    char key[TRACK_KEY_MAX];
    const char *typed = u->req->params[0];
    bool number = track_key_normal(typed, key) != TRACK_NEITHER;
    unlock_begin(u->req->app->db, number ? key : typed, u->by, u->req->peer, begun, u);
}

static json_t *person_of(struct unlock *u, const struct db_result *r, bool known)
{
    if (!known)
        return personal_open(&u->req->arena, nobody.person.data, nobody.person.len,
                             nobody.person.key, sizeof nobody.person.key);
    return personal_open(&u->req->arena, db_text(r, 0, BEGIN_SEALED), db_len(r, 0, BEGIN_SEALED),
                         db_text(r, 0, BEGIN_KEY), db_len(r, 0, BEGIN_KEY));
}

// Both factors are always worked out, and compared in constant time.
static bool fits(const struct unlock *u, const struct db_result *r, bool known)
{
    char digits[PHONE_DIGITS + 1];
    uint8_t hash[SEAL_DIGEST_BYTES];
    bool coded = known && !db_is_null(r, 0, BEGIN_RECEIPT);
    unlocked_phone(u->personal, digits);
    receipt_code_hash(known ? db_uuid(r, 0, BEGIN_ID) : no_dossier, u->given, hash);
    bool code = sodium_memcmp(hash, coded ? db_text(r, 0, BEGIN_RECEIPT) : (char *)nobody.receipt,
                              sizeof hash) == 0;
    bool phone = sodium_memcmp(digits, u->given, PHONE_DIGITS) == 0;
    return known && (strcmp(u->by, "code") == 0 ? coded && code : phone);
}

static bool put_off(struct unlock *u, const struct db_result *r)
{
    if (r->err != ERR_OK) {
        reply_problem_raised(u->req, r->err, r->detail);
        return true;
    }
    int seconds = db_int4(r, 0, BEGIN_RETRY_AFTER);
    if (seconds == 0)
        return false;
    metric_add(METRIC_unlocks_refused, 1);
    log_warn("tracking", u->req->subject, "too many wrong tries of the second factor");
    reply_header(u->req, "Retry-After", arena_printf(&u->req->arena, "%d", seconds));
    u->face->wait(u->req, seconds);
    return true;
}

static void begun(void *arg, const struct db_result *r)
{
    struct unlock *u = arg;
    if (put_off(u, r))
        return;
    bool known = !db_is_null(r, 0, BEGIN_ID) && !db_is_null(r, 0, BEGIN_SEALED);
    u->personal = person_of(u, r, known);
    if (!u->personal) {
        log_error("tracking", u->req->subject, "personal data cannot be opened");
        reply_problem(u->req, ERR_INTERNAL, NULL);
    } else if (fits(u, r, known)) {
        memcpy(u->dossier, db_uuid(r, 0, BEGIN_ID), sizeof u->dossier);
        unlock_open(u->req->app->db, u->dossier, u->by, u->req->peer, opened, u);
    } else {
        json_decref(u->personal);
        metric_add(METRIC_unlocks_refused, 1);
        u->face->refused(u->req);
    }
}

static void opened(void *arg, const struct db_result *r)
{
    struct unlock *u = arg;
    size_t len;
    if (r->err == ERR_OK) {
        const char *text = db_json(r, 0, 0, &len);
        json_t *view = json_loadb(text, len, 0, NULL);
        unlocked_join(&u->req->arena, view, u->personal);
        result_pass(&u->req->arena, view, u->dossier);
        json_decref(u->personal);
        u->face->opened(u->req, view);
    } else {
        json_decref(u->personal);
        reply_problem_raised(u->req, r->err, r->detail);
    }
}

// What was typed, as far as it can be one of the two. False: it is neither, or both.
static bool read_factor(struct unlock *u, const char *phone, const char *code)
{
    bool digits =
        phone && strlen(phone) == PHONE_DIGITS && strspn(phone, "0123456789") == PHONE_DIGITS;
    u->by = phone ? "phone" : "code";
    memset(u->given, '-', sizeof u->given - 1);
    if (!phone == !code)
        return false;
    if (digits)
        memcpy(u->given, phone, PHONE_DIGITS);
    return phone ? digits : receipt_code_read(code, u->given);
}

// --- for programs --------------------------------------------------------------------------------

static void json_opened(struct request *req, json_t *view)
{
    reply_json(req, 200, view);
}

static void json_refused(struct request *req)
{
    reply_problem(req, ERR_UNLOCK_REFUSED, NULL);
}

static void json_wait(struct request *req, int seconds)
{
    reply_problem(req, ERR_TOO_MANY_REQUESTS, NULL);
}

static const struct face json_face = {json_opened, json_refused, json_wait};

static void wrong_factor(struct request *req, const char *phone, const char *code)
{
    struct json_errors errors = {0};
    if (!phone == !code)
        json_error_add(&errors, "", "choice", "Cần đúng một trong hai: phone hoặc code.",
                       "Exactly one of phone and code is needed.");
    else if (phone)
        json_error_add(&errors, "/phone", "format", "Cần bốn chữ số.", "Four digits are needed.");
    else
        json_error_add(&errors, "/code", "format", "Mã tra cứu trên phiếu gửi hồ sơ gồm tám ký tự.",
                       "The code on the receipt has eight characters.");
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
}

static void unlock_post(struct request *req)
{
    struct unlock *u = arena_alloc(&req->arena, sizeof *u);
    const char *phone = json_text(req->body, "phone"), *code = json_text(req->body, "code");
    *u = (struct unlock){.req = req, .face = &json_face};
    if (read_factor(u, phone, code))
        unlock_try(u);
    else
        wrong_factor(req, phone, code);
}

// --- for people ----------------------------------------------------------------------------------

// Never kept anywhere: what is on it may be somebody's.
static void send_page(struct request *req, int status, struct buf *out)
{
    reply_header(req, "Cache-Control", "no-store");
    reply_html(req, status, out->data, out->len);
    buf_finish(out);
}

static void send_form(struct request *req, int status, struct unlock_notice notice)
{
    struct buf out = {0};
    unlock_form_page(&out, req->params[0], notice);
    send_page(req, status, &out);
}

static void page_opened(struct request *req, json_t *view)
{
    struct buf out = {0};
    unlock_page(&out, view);
    json_decref(view);
    send_page(req, 200, &out);
}

static void page_refused(struct request *req)
{
    send_form(req, 403, (struct unlock_notice){UNLOCK_WRONG});
}

static void page_wait(struct request *req, int seconds)
{
    send_form(req, 429, (struct unlock_notice){UNLOCK_WAIT, seconds});
}

static const struct face page_face = {page_opened, page_refused, page_wait};

static void form_get(struct request *req)
{
    send_form(req, 200, (struct unlock_notice){UNLOCK_NOTHING});
}

// A field that was left empty was not typed.
static const char *typed(const struct request *req, const char *name)
{
    const char *text = json_text(req->body, name);
    return text && text[strspn(text, " ")] ? text : NULL;
}

static void form_post(struct request *req)
{
    struct unlock *u = arena_alloc(&req->arena, sizeof *u);
    *u = (struct unlock){.req = req, .face = &page_face};
    if (read_factor(u, typed(req, "phone"), typed(req, "code")))
        unlock_try(u);
    else
        send_form(req, 422, (struct unlock_notice){UNLOCK_UNREADABLE});
}

// --- the capability ------------------------------------------------------------------------------

enum { BODY_MAX = 512 };

static const struct json_field unlock_body[] = {
    {"phone", JSON_KIND_TEXT, false, 1, 8, .text = "Last four digits of the applicant's telephone"},
    {"code", JSON_KIND_TEXT, false, 1, 32, .text = "The code on the receipt, instead"},
    {0},
};

static const struct json_field unlock_form[] = {
    {"phone", JSON_KIND_TEXT, false, 0, 32,
     .text = "Last four digits of the applicant's telephone"},
    {"code", JSON_KIND_TEXT, false, 0, 32, .text = "The code on the receipt, instead"},
    {0},
};

static const struct route routes[] = {
    {HTTP_POST, "/v1/track/{number}/unlock", ROUTE_PUBLIC, unlock_post, .body = unlock_body,
     .body_max = BODY_MAX, .says_itself = true,
     .text_vi = "Mở thêm thông tin bằng bốn số cuối điện thoại của người nộp hoặc mã tra cứu trên "
                "phiếu gửi hồ sơ: tên và điện thoại được che, chi tiết phát; với mã còn có ai đã "
                "đọc dữ liệu, và lượt tải kết quả điện tử (nếu có) trong mười phút. "
                "Số lần thử có giới hạn.",
     .text_en =
         "The last four digits of the applicant's telephone, or the code on the receipt, open the "
         "masked name and telephone and details of the delivery; the code also who read the data, "
         "and "
         "a pass of ten minutes to a result that is given on line. "
         "Tries are limited."},
    {HTTP_GET, "/t/{number}/unlock", ROUTE_PUBLIC, form_get,
     .text_vi = "Trang nhập bốn số cuối điện thoại hoặc mã tra cứu trên phiếu gửi hồ sơ.",
     .text_en = "The page that asks for the four digits or the receipt's code."},
    {HTTP_POST, "/t/{number}/unlock", ROUTE_PUBLIC, form_post, .body = unlock_form,
     .body_max = BODY_MAX, .form_body = true, .says_itself = true,
     .text_vi = "Trang hiển thị thông tin được mở.", .text_en = "The page of what was opened."},
    {HTTP_POST, "/v1/dossiers/{code}/receipt-code", ROLE_CLERK | ROLE_SUPERVISOR, receipt_post,
     .says_itself = true,
     .text_vi = "Cấp mã tra cứu mới cho phiếu gửi hồ sơ của người nộp; mã cũ không còn dùng được.",
     .text_en = "A new code for the applicant's receipt; the one before opens nothing any more."},
    {0},
};

const struct capability unlock_capability = {.name = "unlock", .routes = routes, .setup = setup};
