#include <inttypes.h>
#include <stdlib.h>

#include "custody/canon.h"
#include "custody/custody_http.h"
#include "custody/integrity_db.h"
#include "http/page.h"
#include "http/respond.h"
#include "http/server.h"

// A checkpoint for people: where the code on a hand-over's paper leads, to compare by eye.

static void page_done(void *arg, const struct db_result *r);

static void page_get(struct request *req)
{
    char *end;
    long long size = strtoll(req->params[0], &end, 10);
    if (req->params[0][0] < '1' || req->params[0][0] > '9' || *end)
        reply_problem(req, ERR_NOT_FOUND, NULL);
    else
        checkpoint_get(req->app->db, (uint64_t)size, page_done, req);
}

static void row(struct buf *out, const char *name, const char *value)
{
    buf_text(out, "<tr><th>");
    buf_html(out, name);
    buf_text(out, "<td><code>");
    buf_html(out, value);
    buf_text(out, "</code>\n");
}

// No more than was looked at: the log itself was not.
static void claim(struct buf *out, bool english, uint64_t size, const char *root)
{
    buf_printf(
        out, "<p>%s</p>\n<p>%s</p>\n<pre>dossierpost verify --head %" PRIu64 ":%s</pre>\n<table>\n",
        english ? "This is the checkpoint that this service signed. If the paper in your "
                  "hands says something else, one of the two was changed."
                : "Đây là mốc mà hệ thống này đã ký. Nếu tờ giấy đang cầm ghi khác, thì một "
                  "trong hai đã bị sửa.",
        english ? "It does not say whether the log still fits it; whoever can read the "
                  "database checks that with:"
                : "Trang này không cho biết nhật ký hiện nay có còn khớp với mốc hay không; "
                  "người có quyền đọc cơ sở dữ liệu kiểm tra bằng lệnh:",
        size, root);
}

static void print(struct buf *out, struct request *req, const struct checkpoint *c)
{
    bool english = req->lang == LANG_EN;
    char root[HASH_TEXT], at[CLOCK_TEXT], line[CHECKPOINT_LINE];
    canon_hash_write(c->root, root);
    clock_format_people(c->at, at);
    checkpoint_line(c, line);
    page_open(out, req, english ? "Checkpoint of the log" : "Mốc của nhật ký");
    claim(out, english, c->size, root);
    row(out, english ? "Size" : "Số dòng", arena_printf(&req->arena, "%" PRIu64, c->size));
    row(out, english ? "Time" : "Thời điểm", at);
    row(out, english ? "Root" : "Mã gốc", root);
    buf_printf(out, "</table>\n<h2>%s</h2>\n<pre>", english ? "Signed line" : "Dòng có chữ ký");
    buf_html(out, line);
    buf_printf(out,
               "</pre>\n<p><a href=\"/v1/integrity/checkpoint?size=%" PRIu64 "\">JSON</a></p>\n",
               c->size);
}

static void page_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    struct checkpoint c;
    struct buf out = {0};
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
    } else if (r->rows != 1 || !checkpoint_row(r, 0, &c)) {
        reply_problem(req, ERR_NOT_FOUND, NULL);
    } else {
        print(&out, req, &c);
        page_reply(&out, req, 200);
    }
}

const struct route checkpoint_routes[] = {
    {.method = HTTP_GET,
     .path = "/c/{size}",
     .roles = ROUTE_PUBLIC,
     .handle = page_get,
     .text_vi = "Một mốc của nhật ký cho người đọc: mã trên biên bản giao nhận dẫn đến đây.",
     .text_en = "A checkpoint for people: the code on a hand-over's paper leads here."},
    {.method = HTTP_GET,
     .path = "/C/{size}",
     .roles = ROUTE_PUBLIC,
     .handle = page_get,
     .text_vi = "Như /c/{size}.",
     .text_en = "The same as /c/{size}."},
    {0}};
