#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "http/gzip.h"
#include "http/respond.h"
#include "tracking/track_key.h"
#include "tracking/track_limit.h"
#include "tracking/track_limit_http.h"
#include "tracking/track_look.h"
#include "tracking/track_loops.h"
#include "tracking/track_news.h"
#include "tracking/track_page.h"
#include "tracking/track_teller.h"
#include "tracking/track_watch.h"
#include "tracking/tracking.h"

enum { GZIP_LEVEL = 5 };

static const char fresh[] = "max-age=0, must-revalidate";

static const struct json_field stream_query[] = {
    {"seen", JSON_KIND_TEXT, false, 0, 32,
     .text = "The tag seen last, where the header Last-Event-ID cannot be given"},
    {0},
};

static const struct json_field lookup_query[] = {
    {"number", JSON_KIND_TEXT, false, 0, 64, .text = "Number or code, as people type it"},
    {0},
};

// What a handler asks for, until its answer is there.
struct asked {
    struct request *req;
    track_found *found;
    char key[TRACK_KEY_MAX];
};

static void admitted(void *arg)
{
    struct asked *asked = arg;
    track_look(asked->req->app, asked->key, asked->found, asked);
}

// What can be no number is looked up all the same: it takes as long as any that nobody knows.
static void keep_plain(const char *typed, char key[TRACK_KEY_MAX])
{
    size_t used = 0;
    key[used++] = '?'; // nor can what is left of it be one
    for (; *typed && used < TRACK_KEY_MAX - 1; typed++) {
        if ((unsigned char)*typed < 0x80)
            key[used++] = *typed;
    }
    key[used] = '\0';
}

static void look(struct request *req, track_found *found)
{
    struct asked *asked = arena_alloc(&req->arena, sizeof *asked);
    enum track_kind kind = track_key_normal(req->params[0], asked->key);
    if (kind == TRACK_NEITHER)
        keep_plain(req->params[0], asked->key);
    asked->req = req;
    asked->found = found;
    track_limited(req, asked->key, strlen(asked->key), admitted, asked);
}

static void unknown(const struct asked *asked)
{
    track_not_known(asked->req, asked->key, strlen(asked->key));
}

static bool known(const struct asked *asked, enum err err, const char *detail,
                  const struct track_answer *answer)
{
    if (err != ERR_OK) {
        reply_problem_raised(asked->req, err, detail);
    } else if (!answer) {
        unknown(asked);
        reply_problem(asked->req, ERR_NOT_FOUND, NULL);
    }
    return err == ERR_OK && answer != NULL;
}

static void send_form(struct request *req, const char *type, const struct track_form *form)
{
    reply_tagged(req, type, fresh, form->etag, form->data, form->len);
}

// --- for programs --------------------------------------------------------------------------------

static void json_found(void *arg, enum err err, const char *detail, struct track_answer *answer);

static void json_get(struct request *req)
{
    look(req, json_found);
}

static void json_found(void *arg, enum err err, const char *detail, struct track_answer *answer)
{
    struct asked *asked = arg;
    if (known(asked, err, detail, answer))
        send_form(asked->req, "application/json", &answer->json);
}

static void stream_found(void *arg, enum err err, const char *detail, struct track_answer *answer);

static void stream_get(struct request *req)
{
    look(req, stream_found);
}

static void stream_found(void *arg, enum err err, const char *detail, struct track_answer *answer)
{
    struct asked *asked = arg;
    if (known(asked, err, detail, answer))
        track_watch(asked->req, answer, json_text(asked->req->args, "seen"));
}

// --- for people ----------------------------------------------------------------------------------

static void page_found(void *arg, enum err err, const char *detail, struct track_answer *answer);

static void page_get(struct request *req)
{
    look(req, page_found);
}

static void make_page(struct track_answer *answer)
{
    struct buf out = {0};
    json_t *view = json_loadb(answer->json.data, answer->json.len, 0, NULL);
    track_page(&out, view, NULL);
    json_decref(view);
    reply_etag(out.data, out.len, answer->page.etag);
    answer->page.len = out.len;
    answer->page.data = out.data; // taken over
}

static void press_page(struct track_answer *answer)
{
    struct track_form *small = &answer->page_gz;
    small->data = gzip_bytes(answer->page.data, answer->page.len, GZIP_LEVEL, &small->len);
    snprintf(small->etag, sizeof small->etag, "%.*s-gz\"", (int)strlen(answer->page.etag) - 1,
             answer->page.etag);
}

// True when a form was made that was not there.
static bool page_form(struct request *req, struct track_answer *answer, struct track_form **form)
{
    bool made = answer->page.len == 0;
    if (made)
        make_page(answer);
    *form = &answer->page;
    reply_header(req, "Vary", "Accept-Encoding");
    if (!request_takes_gzip(req))
        return made;
    if (answer->page_gz.len == 0) {
        press_page(answer);
        made = true;
    }
    if (answer->page_gz.len > 0) {
        *form = &answer->page_gz;
        reply_header(req, "Content-Encoding", "gzip");
    }
    return made;
}

static void page_unknown(struct request *req, const char *number, int status)
{
    struct buf out = {0};
    track_page(&out, NULL, number);
    reply_html(req, status, out.data, out.len);
    buf_finish(&out);
}

static void page_found(void *arg, enum err err, const char *detail, struct track_answer *answer)
{
    struct asked *asked = arg;
    if (err == ERR_OK && !answer) {
        unknown(asked);
        page_unknown(asked->req, asked->req->params[0], 404);
    } else if (known(asked, err, detail, answer)) {
        struct track_form *form;
        struct app_loop *app = asked->req->app;
        char key[TRACK_KEY_MAX];
        memcpy(key, asked->key, sizeof key);
        bool made = page_form(asked->req, answer, &form);
        send_form(asked->req, "text/html; charset=utf-8", form);
        if (made) // last: it may make room, and the request is over
            track_look_grew(app, key);
    }
}

static void text_found(void *arg, enum err err, const char *detail, struct track_answer *answer);

static void text_get(struct request *req)
{
    look(req, text_found);
}

static void text_found(void *arg, enum err err, const char *detail, struct track_answer *answer)
{
    static const char plain[] = "text/plain; charset=utf-8";
    struct asked *asked = arg;
    struct buf out = {0};
    if (err != ERR_OK) {
        reply_problem_raised(asked->req, err, detail);
        return;
    }
    json_t *view = answer ? json_loadb(answer->json.data, answer->json.len, 0, NULL) : NULL;
    track_text(&out, view, asked->req->params[0]);
    json_decref(view);
    if (answer) {
        reply_cacheable(asked->req, plain, fresh, out.data, out.len);
    } else {
        unknown(asked);
        reply_bytes(asked->req, 404, plain, out.data, out.len);
    }
    buf_finish(&out);
}

// Percent-encoded, because what people type goes into a header; without the spaces they group it
// by.
static const char *page_path(struct request *req, const char *number)
{
    char *bare = arena_alloc(&req->arena, strlen(number) + 1);
    size_t len = 0;
    for (; *number; number++)
        if (*number != ' ')
            bare[len++] = *number;
    char *encoded = evhttp_uriencode(bare, (ev_ssize_t)len, 0);
    const char *path = arena_printf(&req->arena, "/t/%s", encoded ? encoded : "");
    free(encoded);
    return path;
}

static void lookup_get(struct request *req)
{
    const char *number = json_text(req->args, "number");
    if (number && number[strspn(number, " ")]) {
        reply_redirect(req, 303, page_path(req, number));
        return;
    }
    page_unknown(req, NULL, 200);
}

static const struct route routes[] = {
    {HTTP_GET, "/v1/track/{number}", ROUTE_PUBLIC, json_get,
     .text_vi = "Hồ sơ đang ở đâu, theo mã hồ sơ hoặc số hiệu bưu gửi.",
     .text_en = "Where a dossier is, by its code or any shipment's number."},
    {HTTP_GET, "/v1/track/{number}/events", ROUTE_PUBLIC, stream_get, .query = stream_query,
     .text_vi = "Dòng sự kiện: gửi lại thông tin tra cứu mỗi khi thay đổi.",
     .text_en = "Event stream: the tracking answer again whenever it changes."},
    {HTTP_GET, "/t", ROUTE_PUBLIC, lookup_get, .query = lookup_query, .text_vi = "Ô tra cứu.",
     .text_en = "A box to type a number in."},
    {HTTP_GET, "/t/{number}", ROUTE_PUBLIC, page_get,
     .text_vi = "Trang tra cứu, không cần JavaScript.",
     .text_en = "The tracking page, without scripts."},
    {HTTP_GET, "/t/{number}.txt", ROUTE_PUBLIC, text_get,
     .text_vi = "Câu trả lời bằng văn bản, cho cổng tin nhắn.",
     .text_en = "The answer as plain text, for message gateways."},
    {HTTP_GET, "/T/{number}.TXT", ROUTE_PUBLIC, text_get, .text_vi = "Như /t/….txt.",
     .text_en = "The same in capitals."},
    {HTTP_GET, "/T/{number}", ROUTE_PUBLIC, page_get, .text_vi = "Như /t/, dùng trong mã QR.",
     .text_en = "The same, as QR codes spell it."},
    {0},
};

static bool setup(void)
{
    return track_loops_setup() && track_news_setup() && track_look_setup() && track_watch_setup() &&
           track_limit_setup();
}

static bool open(struct app_loop *app)
{
    return track_loops_open(app) && track_news_open(app) && track_look_open(app) &&
           track_watch_open(app) && track_teller_open(app) && track_limit_open(app);
}

static void close(struct app_loop *app)
{
    track_limit_close(app);
    track_teller_close(app);
    track_watch_close(app);
    track_look_close(app);
    track_news_close(app);
    track_loops_close(app);
}

const struct capability tracking_capability = {
    .name = "tracking",
    .routes = routes,
    .setup = setup,
    .open = open,
    .close = close,
};
