#include "attachment/attachment_http.h"

#include <sodium.h>
#include <string.h>

#include "account/account.h"
#include "attachment/attachment.h"
#include "attachment/attachment_db.h"
#include "attachment/picture.h"
#include "base/conf.h"
#include "base/log.h"
#include "custody/custody.h"
#include "http/respond.h"
#include "http/server.h"

// A part is sealed and written; with the last one the whole is opened again on a worker thread, and
// stays only when it is what was said. A worker has memory of its own: while it works, the loop may
// still use the request's.

// Small parts are rows that cost more than what they hold.
enum { PART_MIN = 16384, PART_MAX = 262144 };
enum { SENDERS = ROLE_APPLICANT | ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER };

static const char *const kinds[] = {"photo", "signature", "paper", NULL};

static const struct json_field post_query[] = {
    {"shipment", JSON_KIND_TEXT, true, 1, 400,
     .text = "The shipment it belongs to: its number, or what the scanner read of it"},
    {"sha256", JSON_KIND_TEXT, true, 64, 64, .text = "Of the whole file, in hex, lower case"},
    {"size", JSON_KIND_INT, true, 1, 2147483647, .text = "Of the whole file, in bytes"},
    {"offset", JSON_KIND_INT, false, 0, 2147483647, .text = "Where this part begins; 0 at first"},
    {"kind", JSON_KIND_ENUM, true, .choices = kinds,
     .text = "photo and signature: PNG or JPEG; paper: these or PDF"},
    {0},
};

struct sealed_part {
    const void *sealed, *key;
    size_t sealed_len, key_len;
};

// A whole file, put together on a worker.
struct whole {
    struct arena arena;
    int count;
    struct sealed_part *parts;
    char *data;
    size_t len;
};

struct upload {
    struct request *req;
    char number[SUBJECT_TEXT];
    char ref[ATTACHMENT_REF];
    uint8_t id[UUID_BYTES];
    bool paper;
    struct whole whole;
    enum err err; // what is wrong with it
    struct picture picture;
};

static void put_done(void *arg, const struct db_result *r);
static void whole_read(void *arg, const struct db_result *r);
static void whole_look(void *arg);
static void whole_looked(void *arg);
static void finished(void *arg, const struct db_result *r);
static void dropped(void *arg, const struct db_result *r);

static bool fits(const struct upload *up, enum media media)
{
    return media == MEDIA_PNG || media == MEDIA_JPEG || (media == MEDIA_PDF && up->paper);
}

static void wrong(struct request *req, const char *pointer, const char *vi, const char *en)
{
    struct json_errors errors = {0};
    json_error_add(&errors, pointer, "format", vi, en);
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
}

// The query's own words. False: the problem is sent.
static bool read_query(struct request *req, struct upload *up)
{
    up->req = req;
    up->paper = strcmp(json_text(req->args, "kind"), "paper") == 0;
    if (custody_code_read(json_text(req->args, "shipment"), up->number) != ERR_OK ||
        custody_is_container(up->number))
        wrong(req, "/shipment", "Số hiệu bưu gửi không đúng.", "Not a shipment's number.");
    else if (!attachment_ref(json_text(req->args, "sha256"), up->ref))
        wrong(req, "/sha256", "Phải là SHA-256 dạng thập lục phân.", "Must be a SHA-256 in hex.");
    else if (json_int(req->args, "size", 0) > conf.attachment_max)
        reply_problem(req, ERR_TOO_LARGE, NULL);
    else if (req->raw_len == 0)
        wrong(req, "", "Phần gửi lên không có nội dung.", "The part is empty.");
    else if (req->raw_len < PART_MIN &&
             json_int(req->args, "offset", 0) + (json_int_t)req->raw_len <
                 json_int(req->args, "size", 0))
        wrong(req, "", "Mỗi phần, trừ phần cuối, phải từ 16 KiB trở lên.",
              "Every part but the last has 16 KiB at least.");
    else if (json_int(req->args, "offset", 0) == 0 &&
             !fits(up, picture_guess(req->raw, req->raw_len)))
        reply_problem(req, ERR_NOT_A_PICTURE, NULL);
    else
        return true;
    return false;
}

static void attachments_post(struct request *req)
{
    struct upload *up = arena_alloc(&req->arena, sizeof *up);
    *up = (struct upload){0};
    if (!read_query(req, up))
        return;
    struct attachment_part part = {
        .number = up->number,
        .ref = up->ref,
        .kind = json_text(req->args, "kind"),
        .size = (int32_t)json_int(req->args, "size", 0),
        .at = (int32_t)json_int(req->args, "offset", 0),
        .len = (int32_t)req->raw_len,
    };
    seal_close(&req->arena, req->raw, req->raw_len, &part.sealed);
    attachment_put(req->app->db, &req->who, &part, put_done, up);
}

static void put_done(void *arg, const struct db_result *r)
{
    struct upload *up = arg;
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(up->req, r->err, r->detail);
        return;
    }
    memcpy(up->id, db_uuid(r, 0, PUT_ID), sizeof up->id);
    if (db_bool(r, 0, PUT_ALL_THERE)) {
        attachment_parts(up->req->app->db, up->id, whole_read, up);
        return;
    }
    const char *reply = db_json(r, 0, PUT_REPLY, &len);
    reply_json_text(up->req, 200, reply, len);
}

static void whole_init(struct whole *whole, const struct db_result *r)
{
    *whole = (struct whole){.count = r->rows};
    arena_init(&whole->arena);
    whole->parts = arena_alloc(&whole->arena, (size_t)r->rows * sizeof *whole->parts);
    for (int i = 0; i < r->rows; i++) {
        struct sealed_part *part = &whole->parts[i];
        part->sealed_len = db_len(r, i, PART_SEALED);
        part->key_len = db_len(r, i, PART_KEY);
        part->sealed = arena_copy(&whole->arena, db_text(r, i, PART_SEALED), part->sealed_len);
        part->key = arena_copy(&whole->arena, db_text(r, i, PART_KEY), part->key_len);
    }
}

static void whole_finish(struct whole *whole)
{
    arena_finish(&whole->arena);
}

// On a worker.
static bool whole_open(struct whole *whole)
{
    size_t room = 1;
    for (int i = 0; i < whole->count; i++)
        room += seal_plain_size(whole->parts[i].sealed_len);
    char *data = arena_alloc(&whole->arena, room);
    for (int i = 0; i < whole->count; i++) {
        const struct sealed_part *part = &whole->parts[i];
        if (!seal_open_into(data + whole->len, part->sealed, part->sealed_len, part->key,
                            part->key_len))
            return false;
        whole->len += seal_plain_size(part->sealed_len);
    }
    whole->data = data;
    return true;
}

static void whole_read(void *arg, const struct db_result *r)
{
    struct upload *up = arg;
    struct request *req = up->req;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    whole_init(&up->whole, r);
    if (!work_submit(req->app->crew, &req->app->loop, whole_look, whole_looked, up)) {
        whole_finish(&up->whole);
        reply_problem(req, ERR_BUSY, NULL);
    }
}

// On a worker: a file of megabytes is opened, hashed and walked through.
static void whole_look(void *arg)
{
    struct upload *up = arg;
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];
    struct whole *whole = &up->whole;
    if (!whole_open(whole)) {
        up->err = ERR_INTERNAL;
        return;
    }
    crypto_hash_sha256(hash, (const uint8_t *)whole->data, whole->len);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    if (strcmp(hex, json_text(up->req->args, "sha256")) != 0)
        up->err = ERR_CONTENT_DIFFERS;
    else if (!picture_read(whole->data, whole->len, &up->picture) || !fits(up, up->picture.media))
        up->err = ERR_NOT_A_PICTURE;
}

static void whole_looked(void *arg)
{
    struct upload *up = arg;
    struct db *db = up->req->app->db;
    whole_finish(&up->whole);
    if (up->err == ERR_OK) {
        attachment_finish(db, up->id, media_type(up->picture.media), up->picture.width,
                          up->picture.height, finished, up);
        return;
    }
    if (up->err == ERR_INTERNAL)
        log_error("attachment", up->req->subject, "a part cannot be opened");
    attachment_drop(db, up->id, dropped, up);
}

static void finished(void *arg, const struct db_result *r)
{
    struct upload *up = arg;
    custody_poke();
    reply_row(up->req, 201, db_row_json(r));
}

static void dropped(void *arg, const struct db_result *r)
{
    struct upload *up = arg;
    if (r->err != ERR_OK)
        reply_problem_raised(up->req, r->err, r->detail);
    else
        reply_problem(up->req, up->err, NULL);
}

// --- reading -------------------------------------------------------------------------------------

struct reading {
    struct request *req;
    enum media media;
    struct whole whole;
    bool ok;
};

static void file_read(void *arg, const struct db_result *r);
static void file_open(void *arg);
static void file_opened(void *arg);

static void attachments_get(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        attachment_get(req->app->db, &req->who, id, file_read, req);
}

// To be kept as a file, never to be shown as a page of ours.
static void send_file(struct request *req, enum media media, const char *data, size_t len)
{
    reply_header(req, "Content-Disposition",
                 arena_printf(&req->arena, "attachment; filename=\"%s.%s\"", req->params[0],
                              media_suffix(media)));
    reply_header(req, "Content-Security-Policy", "default-src 'none'; sandbox");
    reply_header(req, "Cache-Control", "private, no-store");
    reply_bytes(req, 200, media_type(media), data, len);
}

static void file_read(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    struct reading *reading = arena_alloc(&req->arena, sizeof *reading);
    reading->req = req;
    reading->media = media_of_type(db_text(r, 0, PART_MEDIA));
    whole_init(&reading->whole, r);
    if (!work_submit(req->app->crew, &req->app->loop, file_open, file_opened, reading)) {
        whole_finish(&reading->whole);
        reply_problem(req, ERR_BUSY, NULL);
    }
}

static void file_open(void *arg)
{
    struct reading *reading = arg;
    reading->ok = whole_open(&reading->whole);
}

static void file_opened(void *arg)
{
    struct reading *reading = arg;
    struct whole whole = reading->whole; // outlives the request
    if (reading->ok) {
        send_file(reading->req, reading->media, whole.data, whole.len);
    } else {
        log_error("attachment", reading->req->subject, "a part cannot be opened");
        reply_problem(reading->req, ERR_INTERNAL, NULL);
    }
    whole_finish(&whole);
}

const struct route attachment_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/attachments",
     .roles = SENDERS,
     .handle = attachments_post,
     .query = post_query,
     .body_max = PART_MAX,
     .raw_body = true,
     .text_vi = "Gửi một phần (16 đến 256 KiB; phần cuối có thể ngắn hơn) của ảnh, chữ ký hoặc "
                "giấy tờ; sai vị trí thì trả lời "
                "vị trí đang chờ.",
     .text_en = "One part of a picture, signature or paper: 16 to 256 KiB, the last may be "
                "shorter; at a wrong offset the "
                "answer tells the one expected."},
    {.method = HTTP_GET,
     .path = "/v1/attachments/{id}",
     .roles = ROLE_APPLICANT | ROLE_STAFF,
     .handle = attachments_get,
     .text_vi = "Tải một tệp đã gửi; việc đọc được ghi lại.",
     .text_en = "A file that was sent, for download; reading it is recorded."},
    {0}};
