#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "account/account.h"
#include "base/clock.h"
#include "custody/custody_db.h"
#include "custody/custody_http.h"
#include "http/respond.h"

enum { ITEMS_MAX = 500, SHEETS_MAX = 10000, BODY_MAX = 262144 };
enum { HANDERS = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER };

static const char *const findings[] = {"present", "missing", "surplus", "damaged", "refused", NULL};

static const struct json_field code_item = {.kind = JSON_KIND_TEXT, .least = 1, .greatest = 400};
static const struct json_field create_body[] = {
    {"id", JSON_KIND_UUID, .text = "Made by the client; the same again gives the same list"},
    {"to", JSON_KIND_TEXT, true, 1, 64, .text = "Code of a unit, or login or id of a person"},
    {"items", JSON_KIND_ARRAY, true, 1, ITEMS_MAX, .item = &code_item, .text = "Scanned codes"},
    {0},
};

static const struct json_field finding_shape[] = {
    {"code", JSON_KIND_TEXT, true, 1, 400, .text = "Scanned code"},
    {"finding", JSON_KIND_ENUM, true, .choices = findings, .text = "What the taker found"},
    {"originals", JSON_KIND_INT, false, 0, SHEETS_MAX, .text = "Originals counted"},
    {"copies", JSON_KIND_INT, false, 0, SHEETS_MAX, .text = "Copies counted"},
    {"note", JSON_KIND_TEXT, false, 0, 500},
    {0},
};
static const struct json_field finding_item = {.kind = JSON_KIND_OBJECT, .shape = finding_shape};
static const struct json_field sign_body[] = {
    {"items", JSON_KIND_ARRAY, false, 0, ITEMS_MAX, .item = &finding_item,
     .text = "Item by item; what is not named is missing, or present with accept_all"},
    {"accept_all", JSON_KIND_BOOL, .text = "Everything on the list is present"},
    {0},
};

static const struct json_field accept_body[] = {
    {"code", JSON_KIND_TEXT, true, 1, 200, .text = "As it was read, a link or the list's id"},
    {0},
};

static void code_error(struct request *req, struct json_errors *errors, size_t line,
                       const char *member, enum err err)
{
    const struct err_row *row = err_row(err);
    json_error_add(errors, arena_printf(&req->arena, "/items/%zu%s", line, member), row->slug,
                   row->title_vi, row->title_en);
}

const char **custody_codes_read(struct request *req, int *out)
{
    const json_t *items = json_object_get(req->body, "items");
    size_t count = json_array_size(items);
    char(*subjects)[SUBJECT_TEXT] = arena_alloc(&req->arena, (count + 1) * sizeof *subjects);
    const char **list = arena_alloc(&req->arena, (count + 1) * sizeof *list);
    struct json_errors errors = {0};
    for (size_t i = 0; i < count; i++) {
        enum err err = custody_code_read(json_string_value(json_array_get(items, i)), subjects[i]);
        list[i] = subjects[i];
        if (err != ERR_OK)
            code_error(req, &errors, i, "", err);
    }
    *out = (int)count;
    if (errors.count)
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
    return errors.count ? NULL : list;
}

static void create(struct request *req)
{
    int count;
    struct write_id write;
    const char **list = custody_codes_read(req, &count);
    if (list && custody_write_id(req, &write))
        handover_create(req->app->db, &req->who, &write, json_text(req->body, "to"), list, count,
                        custody_reply_created, req);
}

// The findings with numbers instead of scanned codes, as SQL takes them. NULL when one is no code.
static json_t *findings_of(struct request *req, struct json_errors *errors)
{
    json_t *out = json_array();
    json_t *item;
    size_t i;
    json_array_foreach(json_object_get(req->body, "items"), i, item)
    {
        char subject[SUBJECT_TEXT];
        enum err err = custody_code_read(json_text(item, "code"), subject);
        if (err != ERR_OK) {
            code_error(req, errors, i, "/code", err);
            continue;
        }
        json_t *copy = json_copy(item);
        json_object_del(copy, "code");
        json_object_set_new(copy, "number", json_string(subject));
        json_array_append_new(out, copy);
    }
    return out;
}

static void sign(struct request *req)
{
    struct json_errors errors = {0};
    bool accept_all = json_bool(req->body, "accept_all");
    uint8_t id[UUID_BYTES];
    struct write_id write;
    if (!request_uuid(req, id) || !custody_write_id(req, &write))
        return;
    json_t *list = findings_of(req, &errors);
    if (!accept_all && !errors.count && json_array_size(list) == 0)
        json_error_add(&errors, "/items", "required", "Ghi nhận từng bưu gửi, hoặc nhận tất cả.",
                       "Name what was found, or accept all.");
    if (errors.count) {
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
    } else {
        handover_sign(req->app->db, &req->who, &write, id, json_line(&req->arena, list, 0),
                      accept_all, custody_reply_written, req);
    }
    json_decref(list);
}

// What stands behind "/G/" on the giver's screen or list: the list's id, in any case.
static bool list_code_read(struct request *req, uint8_t id[UUID_BYTES])
{
    const char *code = json_text(req->body, "code");
    size_t len = strlen(code), tail = UUID_TEXT - 1;
    char text[UUID_TEXT] = "";
    for (size_t i = 0; len >= tail && i < tail; i++)
        text[i] = (char)tolower((unsigned char)code[len - tail + i]);
    bool link = len > tail + 3 && strncasecmp(code + len - tail - 3, "/g/", 3) == 0;
    if ((len == tail || link) && uuid_parse(text, id))
        return true;
    reply_problem(req, ERR_BAD_CODE, NULL);
    return false;
}

// One code, read off the giver's list, takes all that is on it.
static void accept(struct request *req)
{
    uint8_t id[UUID_BYTES];
    struct write_id write;
    if (list_code_read(req, id) && custody_write_id(req, &write))
        handover_sign(req->app->db, &req->who, &write, id, NULL, true, custody_reply_written, req);
}

static void get(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        handover_get(req->app->db, &req->who, id, custody_reply, req);
}

static void list(struct request *req)
{
    handover_list(req->app->db, &req->who, custody_reply, req);
}

const struct route handover_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/custody/handovers",
     .roles = HANDERS,
     .handle = create,
     .body = create_body,
     .body_max = BODY_MAX,
     .text_vi = "Lập biên bản giao nhận: danh sách của bên giao.",
     .text_en = "Makes a hand-over: the giver's list."},
    {.method = HTTP_GET,
     .path = "/v1/custody/handovers",
     .roles = HANDERS | ROLE_SUPERVISOR,
     .handle = list,
     .text_vi = "Biên bản chờ tôi ký và biên bản tôi đã lập.",
     .text_en = "Lists that wait for my signature, and those I made."},
    {.method = HTTP_GET,
     .path = "/v1/custody/handovers/{id}",
     .roles = HANDERS | ROLE_SUPERVISOR,
     .handle = get,
     .text_vi = "Một biên bản giao nhận, từng bưu gửi.",
     .text_en = "One hand-over, item by item."},
    {.method = HTTP_POST,
     .path = "/v1/custody/handovers/{id}/sign",
     .roles = HANDERS,
     .handle = sign,
     .body = sign_body,
     .body_max = BODY_MAX,
     .text_vi = "Bên nhận ký; với cơ quan, đây là thời điểm nộp hồ sơ.",
     .text_en = "The taker signs; for an agency this is the moment of filing."},
    {.method = HTTP_POST,
     .path = "/v1/custody/handovers/accept",
     .roles = HANDERS,
     .handle = accept,
     .body = accept_body,
     .text_vi = "Bên nhận quét một mã trên danh sách của bên giao: nhận đủ tất cả và ký.",
     .text_en = "The taker scans the one code of the giver's list: all is present, and signed."},
    {0}};
