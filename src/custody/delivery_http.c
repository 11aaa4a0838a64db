#include <inttypes.h>
#include <string.h>

#include "account/account.h"
#include "base/buf.h"
#include "custody/custody_http.h"
#include "custody/delivery_db.h"
#include "custody/delivery_item.h"
#include "http/respond.h"

// What a delivery requires, invitations to fetch it, and the one-time code that proves it.

enum { CODE_DIGITS = 6, DELIVERERS = ROLE_CLERK | ROLE_COURIER };

// The number in the path, as scanned or typed. False: the problem is sent.
static bool read_number(struct request *req, char number[SUBJECT_TEXT])
{
    enum err err = custody_code_read(req->params[0], number);
    if (err == ERR_OK && custody_is_container(number))
        err = ERR_NOT_FOUND;
    if (err != ERR_OK)
        reply_problem(req, err, NULL);
    return err == ERR_OK;
}

static void get(struct request *req)
{
    char number[SUBJECT_TEXT];
    if (read_number(req, number))
        delivery_get(req->app->db, &req->who, number, custody_reply, req);
}

static void list_get(struct request *req)
{
    delivery_list(req->app->db, &req->who, custody_reply, req);
}

static void unclaimed_get(struct request *req)
{
    delivery_unclaimed(req->app->db, &req->who, custody_reply, req);
}

static void invite(struct request *req)
{
    char number[SUBJECT_TEXT];
    struct write_id write;
    if (read_number(req, number) && custody_write_id(req, &write))
        delivery_invite(req->app->db, &req->who, &write, number, custody_reply_written, req);
}

// --- the code ------------------------------------------------------------------------------------

struct issue {
    struct request *req;
    char code[CODE_DIGITS + 1];
};

static void issued(void *arg, const struct db_result *r);

// From the request's id and a key that only the service has: nobody guesses it, and a repeat of the
// request gives it again although it is kept nowhere.
static void make_code(const uint8_t request[UUID_BYTES], char code[CODE_DIGITS + 1])
{
    uint8_t text[4 + UUID_BYTES] = "otc", digest[SEAL_DIGEST_BYTES];
    uint64_t value;
    memcpy(text + 4, request, UUID_BYTES);
    seal_digest(text, sizeof text, digest);
    memcpy(&value, digest, sizeof value);
    for (int i = CODE_DIGITS - 1; i >= 0; i--, value /= 10)
        code[i] = (char)('0' + value % 10);
    code[CODE_DIGITS] = '\0';
}

static void code_post(struct request *req)
{
    char number[SUBJECT_TEXT];
    struct write_id write;
    uint8_t hash[SEAL_DIGEST_BYTES];
    struct issue *issue = arena_alloc(&req->arena, sizeof *issue);
    issue->req = req;
    if (!read_number(req, number) || !custody_write_id(req, &write))
        return;
    make_code(write.id, issue->code);
    delivery_code_digest(number, issue->code, hash);
    delivery_code_issue(req->app->db, &req->who, number, write.id, hash, issued, issue);
}

static void issued(void *arg, const struct db_result *r)
{
    struct issue *issue = arg;
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(issue->req, r->err, r->detail);
        return;
    }
    const char *json = db_json(r, 0, 0, &len);
    json_t *reply = json_loadb(json, len, 0, NULL);
    json_object_set_new(reply, "code", json_string(issue->code));
    reply_header(issue->req, "Cache-Control", "no-store");
    reply_json(issue->req, 201, reply);
}

const struct route delivery_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/custody/shipments/{number}/delivery",
     .roles = DELIVERERS | ROLE_OFFICER | ROLE_SUPERVISOR,
     .handle = get,
     .text_vi =
         "Điều kiện phát của bưu gửi, các lần mời và ngày được mời tiếp, việc tiếp theo; các "
         "tệp của hồ sơ, cả những tệp không lượt quét nào nêu.",
     .text_en = "What delivering it requires, its invitations and the day of the next, what may "
                "follow a failure; the files of its dossier, also those that no scan names."},
    {.method = HTTP_GET,
     .path = "/v1/custody/deliveries",
     .roles = DELIVERERS,
     .handle = list_get,
     .text_vi =
         "Điều kiện phát của mọi bưu gửi tôi và đơn vị tôi đang giữ để phát: của tôi trước, mỗi "
         "bên nhiều nhất 500; more cho biết còn nữa.",
     .text_en = "The same of everything that I, and my unit, hold for delivery to a person: mine "
                "first, 500 of each at most; more tells that there are others."},
    {.method = HTTP_POST,
     .path = "/v1/custody/shipments/{number}/delivery-code",
     .roles = ROLE_APPLICANT | ROLE_CLERK,
     .handle = code_post,
     .text_vi = "Cấp mã nhận một lần để người nhận đọc cho bưu tá; chỉ hiện một lần.",
     .text_en =
         "A one-time code that the addressee tells the courier; shown in this answer alone."},
    {.method = HTTP_POST,
     .path = "/v1/custody/shipments/{number}/invitations",
     .roles = ROLE_CLERK,
     .handle = invite,
     .text_vi = "Bưu cục gửi giấy mời đến nhận; tối đa hai lần, cách nhau hai ngày làm việc.",
     .text_en = "The office invites the addressee to fetch it: twice at most, two working days "
                "apart."},
    {.method = HTTP_GET,
     .path = "/v1/custody/unclaimed",
     .roles = ROLE_CLERK | ROLE_SUPERVISOR,
     .handle = unclaimed_get,
     .text_vi = "Bưu gửi tại đơn vị không có người nhận và việc phải làm.",
     .text_en = "What nobody fetches at my unit, and what is to be done with it."},
    {0}};
