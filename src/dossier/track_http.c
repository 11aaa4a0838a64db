#include <string.h>
#include <strings.h>

#include "db/db.h"
#include "dossier/dossier.h"
#include "dossier/dossier_db.h"
#include "dossier/track_page.h"
#include "dossier/track_watch.h"
#include "http/respond.h"

static const char fresh[] = "max-age=0, must-revalidate";

static const struct json_field lookup_query[] = {
    {"number", JSON_KIND_TEXT, false, 0, 64, .text = "Number or code, as people type it"},
    {0},
};

static bool found(struct request *req, const struct db_result *r)
{
    if (r->err != ERR_OK)
        reply_problem_raised(req, r->err, r->detail);
    else if (r->rows == 0)
        reply_problem(req, ERR_NOT_FOUND, NULL);
    return r->err == ERR_OK && r->rows > 0;
}

// --- for programs --------------------------------------------------------------------------------

static void json_done(void *arg, const struct db_result *r);

static void json_get(struct request *req)
{
    dossier_track(req->app->db, req->params[0], json_done, req);
}

static void json_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    size_t len;
    if (!found(req, r))
        return;
    const char *view = db_json(r, 0, TRACK_VIEW, &len);
    reply_cacheable(req, "application/json", fresh, view, len);
}

static void stream_done(void *arg, const struct db_result *r);

static void stream_get(struct request *req)
{
    dossier_track(req->app->db, req->params[0], stream_done, req);
}

static void stream_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    size_t len;
    if (!found(req, r))
        return;
    const char *view = db_json(r, 0, TRACK_VIEW, &len);
    track_watch(req, db_uuid(r, 0, TRACK_ID), db_int8(r, 0, TRACK_POSITION),
                arena_copy(&req->arena, view, len));
}

// --- for people ----------------------------------------------------------------------------------

static const char suffix[] = ".txt";

static bool wants_text(const char *number)
{
    size_t len = strlen(number), end = sizeof suffix - 1;
    return len > end && strcasecmp(number + len - end, suffix) == 0;
}

static void page_done(void *arg, const struct db_result *r);

static void page_get(struct request *req)
{
    const char *number = req->params[0];
    if (wants_text(number))
        number = arena_copy(&req->arena, number, strlen(number) - sizeof suffix + 1);
    dossier_track(req->app->db, number, page_done, req);
}

static void send_page(struct request *req, int status, bool text, const struct buf *out)
{
    if (text && status == 200)
        reply_cacheable(req, "text/plain; charset=utf-8", fresh, out->data, out->len);
    else if (text)
        reply_bytes(req, status, "text/plain; charset=utf-8", out->data, out->len);
    else
        reply_html(req, status, out->data, out->len);
}

static void page_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    struct buf out = {0};
    size_t len;
    bool text = wants_text(req->params[0]);
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    if (r->rows == 0) {
        (text ? track_text : track_page)(&out, NULL, req->params[0]);
    } else {
        const char *json = db_json(r, 0, TRACK_VIEW, &len);
        json_t *view = json_loadb(json, len, 0, NULL);
        (text ? track_text : track_page)(&out, view, req->params[0]);
        json_decref(view);
    }
    send_page(req, r->rows ? 200 : 404, text, &out);
    buf_finish(&out);
}

// Percent-encoded, because what people type goes into a header.
static const char *page_path(struct request *req, const char *number)
{
    struct buf path = {0};
    buf_text(&path, "/t/");
    for (const unsigned char *c = (const unsigned char *)number; *c; c++) {
        bool plain = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= 'a' && *c <= 'z') || *c == '.' || *c == '-';
        if (plain)
            buf_byte(&path, (char)*c);
        else if (*c != ' ')
            buf_printf(&path, "%%%02X", *c);
    }
    const char *kept = arena_strdup(&req->arena, path.data);
    buf_finish(&path);
    return kept;
}

static void lookup_get(struct request *req)
{
    const char *number = json_text(req->args, "number");
    if (number && number[strspn(number, " ")]) {
        reply_redirect(req, 303, page_path(req, number));
        return;
    }
    struct buf out = {0};
    track_page(&out, NULL, NULL);
    send_page(req, 200, false, &out);
    buf_finish(&out);
}

static const struct route routes[] = {
    {HTTP_GET, "/v1/track/{number}", ROUTE_PUBLIC, json_get,
     .text_vi = "Hồ sơ đang ở đâu, theo mã hồ sơ hoặc số hiệu bưu gửi.",
     .text_en = "Where a dossier is, by its code or any shipment's number."},
    {HTTP_GET, "/v1/track/{number}/events", ROUTE_PUBLIC, stream_get,
     .text_vi = "Dòng sự kiện: gửi lại thông tin tra cứu mỗi khi thay đổi.",
     .text_en = "Event stream: the tracking answer again whenever it changes."},
    {HTTP_GET, "/t", ROUTE_PUBLIC, lookup_get, .query = lookup_query, .text_vi = "Ô tra cứu.",
     .text_en = "A box to type a number in."},
    {HTTP_GET, "/t/{number}", ROUTE_PUBLIC, page_get,
     .text_vi = "Trang tra cứu, không cần JavaScript; thêm .txt để lấy văn bản.",
     .text_en = "The tracking page, without scripts; with .txt as plain text."},
    {HTTP_GET, "/T/{number}", ROUTE_PUBLIC, page_get, .text_vi = "Như /t/, dùng trong mã QR.",
     .text_en = "The same, as QR codes spell it."},
    {0},
};

const struct capability tracking_capability = {
    .name = "tracking",
    .routes = routes,
    .setup = track_watch_setup,
    .open = track_watch_open,
    .close = track_watch_close,
};
