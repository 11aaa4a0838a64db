#include "http/page.h"

#include <string.h>

#include "http/conn.h"
#include "http/respond.h"
#include "http/route.h"

static const char style[] =
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;"
    "color:#1b1b1b;background:#fff}h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2rem 0 .25rem}"
    "a{color:#0b4f9e}code{background:#f2f2f2;padding:.1em .3em;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;"
    "padding:.3rem .6rem .3rem 0;border-bottom:1px solid #ddd}pre{overflow-x:auto}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}a{color:#8ec1ff}"
    "code{background:#2a2a2a}th,td{border-color:#444}}";

void page_open(struct buf *out, const struct request *req, const char *title)
{
    buf_printf(out,
               "<!doctype html>\n<html lang=\"%s\">\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<link rel=\"stylesheet\" href=\"/docs/style.css\">\n<title>",
               req->lang == LANG_EN ? "en" : "vi");
    buf_html(out, title);
    buf_text(out, "</title>\n<main>\n<h1>");
    buf_html(out, title);
    buf_text(out, "</h1>\n");
}

void page_reply(struct buf *out, struct request *req, int status)
{
    buf_text(out, "</main>\n</html>\n");
    reply_html(req, status, out->data, out->len);
    buf_finish(out);
}

static void style_get(struct request *req)
{
    reply_cacheable(req, "text/css; charset=utf-8", "no-cache", style, sizeof style - 1);
}

// --- problems -----------------------------------------------------------------------------------
static void both_languages(struct buf *out, const struct request *req, const char *vi,
                           const char *en)
{
    bool english = req->lang == LANG_EN;
    buf_printf(out, "<p>");
    buf_html(out, english ? en : vi);
    buf_printf(out, "</p>\n<p lang=\"%s\"><small>", english ? "vi" : "en");
    buf_html(out, english ? vi : en);
    buf_text(out, "</small></p>\n");
}

static void problem_page(struct buf *out, const struct request *req, const struct err_row *row)
{
    bool english = req->lang == LANG_EN;
    page_open(out, req, english ? row->title_en : row->title_vi);
    buf_printf(out, "<p lang=\"%s\"><small>", english ? "vi" : "en");
    buf_html(out, english ? row->title_vi : row->title_en);
    buf_text(out, "</small></p>\n");
    both_languages(out, req, row->text_vi, row->text_en);
    buf_printf(out, "<p><code>/problems/%s</code> · HTTP %d</p>\n", row->slug, row->status);
}

void reply_problem_page(struct request *req, const struct err_row *row, json_t *document)
{
    struct buf out = {0};
    const char *detail = json_string_value(json_object_get(document, "detail"));
    problem_page(&out, req, row);
    if (detail != NULL && strcmp(detail, row->text_vi) != 0 && strcmp(detail, row->text_en) != 0) {
        buf_text(&out, "<p><strong>");
        buf_html(&out, detail);
        buf_text(&out, "</strong></p>\n");
    }
    buf_printf(&out, "<p><small><code>%s</code></small></p>\n<p><a href=\"/\">%s</a></p>\n",
               req->id, req->lang == LANG_EN ? "Start page" : "Trang đầu");
    json_decref(document);
    page_reply(&out, req, row->status);
}

static void problem_get(struct request *req)
{
    enum err err = err_by_slug(req->params[0]);
    if (err == ERR_OK) {
        reply_problem(req, ERR_NOT_FOUND, NULL);
        return;
    }
    struct buf out = {0};
    problem_page(&out, req, err_row(err));
    buf_printf(&out, "<p><a href=\"/problems\">%s</a></p>\n",
               req->lang == LANG_EN ? "All problems" : "Tất cả các lỗi");
    page_reply(&out, req, 200);
}

static void problems_get(struct request *req)
{
    struct buf out = {0};
    bool english = req->lang == LANG_EN;
    page_open(&out, req, english ? "Problems this service reports" : "Các lỗi hệ thống có thể báo");
    buf_text(&out, "<table>\n");
    for (int err = ERR_OK + 1; err < ERR_COUNT; err++) {
        const struct err_row *row = err_row((enum err)err);
        buf_printf(&out, "<tr><td>%d<td><a href=\"/problems/%s\">%s</a><td>", row->status,
                   row->slug, row->slug);
        buf_html(&out, english ? row->title_en : row->title_vi);
        buf_printf(&out, "<br><small lang=\"%s\">", english ? "vi" : "en");
        buf_html(&out, english ? row->title_vi : row->title_en);
        buf_text(&out, "</small>\n");
    }
    buf_text(&out, "</table>\n");
    page_reply(&out, req, 200);
}

const struct route page_routes[] = {
    {HTTP_GET, "/problems", ROUTE_PUBLIC, problems_get, .text_vi = "Danh sách các lỗi.",
     .text_en = "Every kind of problem document."},
    {HTTP_GET, "/problems/{slug}", ROUTE_PUBLIC, problem_get, .text_vi = "Giải thích một lỗi.",
     .text_en = "One kind of problem, explained."},
    {HTTP_GET, "/docs/style.css", ROUTE_PUBLIC, style_get, .text_vi = "Kiểu trình bày.",
     .text_en = "Style of these pages."},
    {0},
};
