#include <sodium.h>
#include <string.h>

#include "attachment/attachment.h"
#include "attachment/attachment_db.h"
#include "attachment/attachment_http.h"
#include "attachment/pdf.h"
#include "attachment/picture.h"
#include "attachment/sniff.h"
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

static const char *const kinds[] = {"photo", "signature", "paper", "document", "result", NULL};
static const char *const media_types[] = {"image/png", "image/jpeg", "application/pdf", NULL};

// Which kinds may be what: its rows of attachment.sender say who may send them.
static const struct {
    const char *kind;
    bool picture, pdf;
} holds[] = {{"photo", true, false},
             {"signature", true, false},
             {"paper", true, true},
             {"document", true, true},
             {"result", false, true}};

const struct json_field upload_query[] = {
    {"shipment", JSON_KIND_TEXT, false, 1, 400,
     .text = "Of a delivery: its shipment's number, or what the scanner read of it"},
    {"dossier", JSON_KIND_TEXT, false, 1, 64,
     .text = "Or of a dossier: its code, or the number of a shipment of it"},
    {"draft", JSON_KIND_UUID, false, .text = "Or of a draft that is to become one: its own id"},
    {"procedure", JSON_KIND_TEXT, false, 8, 40,
     .text = "Of a draft, at its first file: which one, by its code"},
    {"sha256", JSON_KIND_TEXT, true, 64, 64, .text = "Of the whole file, in hex, lower case"},
    {"size", JSON_KIND_INT, true, 1, 2147483647, .text = "Of the whole file, in bytes"},
    {"offset", JSON_KIND_INT, false, 0, 2147483647, .text = "Where this part begins; 0 at first"},
    {"kind", JSON_KIND_ENUM, true, .choices = kinds,
     .text = "Of a shipment photo and signature (PNG, JPEG) and paper (also PDF); of a dossier "
             "document (PNG, JPEG, PDF) and result (PDF)"},
    {"document", JSON_KIND_TEXT, false, 1, 500,
     .text = "Of a document: the line of the checklist that it is for"},
    {"media", JSON_KIND_ENUM, false, .choices = media_types,
     .text = "What the sender takes it for; other content is refused then"},
    {0},
};

const struct json_field attachment_draft_query[] = {
    {"sha256", JSON_KIND_TEXT, true, 64, 64, .text = "Of the whole file, in hex, lower case"},
    {"size", JSON_KIND_INT, true, 1, 2147483647, .text = "Of the whole file, in bytes"},
    {"offset", JSON_KIND_INT, false, 0, 2147483647, .text = "Where this part begins; 0 at first"},
    {"document", JSON_KIND_TEXT, false, 1, 500, .text = "The line of the checklist that it is for"},
    {"media", JSON_KIND_ENUM, false, .choices = media_types,
     .text = "What the sender takes it for; other content is refused then"},
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
    const char *place, *key; // of attachment.subject_for
    char number[SUBJECT_TEXT];
    char ref[ATTACHMENT_REF];
    uint8_t id[UUID_BYTES];
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
    const char *kind = json_text(up->req->args, "kind");
    for (size_t i = 0; i < countof(holds); i++)
        if (strcmp(holds[i].kind, kind) == 0)
            return media == MEDIA_PDF ? holds[i].pdf : media != MEDIA_NONE && holds[i].picture;
    return false;
}

// What it claims to be, if it claims anything.
static bool as_claimed(const struct upload *up, enum media media)
{
    const char *claimed = json_text(up->req->args, "media");
    return !claimed || strcmp(claimed, media_type(media)) == 0;
}

static enum err media_err(const struct upload *up, enum media media)
{
    return !as_claimed(up, media) ? ERR_MEDIA_DIFFERS
           : fits(up, media)      ? ERR_OK
                                  : ERR_NOT_A_PICTURE;
}

static void wrong(struct request *req, const char *pointer, const char *vi, const char *en)
{
    struct json_errors errors = {0};
    json_error_add(&errors, pointer, "format", vi, en);
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
}

static void media_problem(struct upload *up, enum err err, enum media found)
{
    json_t *members = err == ERR_MEDIA_DIFFERS && found != MEDIA_NONE
                          ? json_pack("{s:s}", "found", media_type(found))
                          : NULL;
    if (members)
        reply_problem_with(up->req, err, NULL, members);
    else
        reply_problem(up->req, err, NULL);
}

// Exactly one of the three that it may belong to.
static bool read_place(struct request *req, struct upload *up)
{
    static const char *const places[] = {"shipment", "dossier", "draft"};
    int given = 0;
    for (size_t i = 0; i < countof(places); i++) {
        const char *key = json_text(req->args, places[i]);
        if (!key)
            continue;
        up->place = places[i];
        up->key = key;
        given++;
    }
    if (given != 1) {
        wrong(req, "", "Cần đúng một trong ba: shipment, dossier hoặc draft.",
              "Exactly one of shipment, dossier and draft is needed.");
        return false;
    }
    if (strcmp(up->place, "shipment") != 0)
        return true;
    bool good =
        custody_code_read(up->key, up->number) == ERR_OK && !custody_is_container(up->number);
    up->key = up->number;
    if (!good)
        wrong(req, "/shipment", "Số hiệu bưu gửi không đúng.", "Not a shipment's number.");
    return good;
}

// The query's own words. False: the problem is sent.
static bool read_query(struct request *req, struct upload *up)
{
    enum media media = picture_guess(req->raw, req->raw_len);
    bool first = json_int(req->args, "offset", 0) == 0;
    up->req = req;
    if (!read_place(req, up))
        return false;
    if (!attachment_ref(json_text(req->args, "sha256"), up->ref))
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
    else if (first && media_err(up, media) != ERR_OK)
        media_problem(up, media_err(up, media), media);
    else
        return true;
    return false;
}

static const char *what_of(const struct upload *up)
{
    const json_t *args = up->req->args;
    bool draft = strcmp(up->place, "draft") == 0 && conf.online_bytes < conf.attachment_bytes;
    int64_t bytes = draft ? conf.online_bytes : conf.attachment_bytes;
    json_t *what =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "place", up->place, "key", up->key, "ref",
                  up->ref, "kind", json_text(args, "kind"), "size", json_int(args, "size", 0),
                  "files", (json_int_t)conf.attachment_files, "bytes", (json_int_t)bytes);
    static const char *const more[] = {"procedure", "document"};
    for (size_t i = 0; i < countof(more); i++)
        if (json_text(args, more[i]))
            json_object_set(what, more[i], json_object_get(args, more[i]));
    const char *text = json_line(&up->req->arena, what, 0);
    json_decref(what);
    return text;
}

void upload_post(struct request *req)
{
    struct upload *up = arena_alloc(&req->arena, sizeof *up);
    *up = (struct upload){0};
    if (!read_query(req, up))
        return;
    struct attachment_part part = {
        .what = what_of(up),
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

static enum err pdf_err(const struct whole *whole)
{
    switch (pdf_look(whole->data, whole->len)) {
    case PDF_PLAIN:
        return ERR_OK;
    case PDF_ENCRYPTED:
        return ERR_PDF_ENCRYPTED;
    case PDF_ACTIVE:
    case PDF_CLOSED:
        break;
    }
    return ERR_PDF_ACTIVE;
}

static enum err content_err(struct upload *up)
{
    const struct whole *whole = &up->whole;
    if (!picture_read(whole->data, whole->len, &up->picture))
        return ERR_NOT_A_PICTURE;
    if (sniff(whole->data, whole->len) != up->picture.media)
        return ERR_NOT_A_PICTURE;
    enum err err = media_err(up, up->picture.media);
    return err == ERR_OK && up->picture.media == MEDIA_PDF ? pdf_err(whole) : err;
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
    up->err = strcmp(hex, json_text(up->req->args, "sha256")) == 0 ? content_err(up)
                                                                   : ERR_CONTENT_DIFFERS;
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
        media_problem(up, up->err, up->picture.media);
}
