#include "web/web.h"

#include <string.h>

#include "base/assets.h"
#include "base/buf.h"
#include "base/conf.h"
#include "http/assets.h"
#include "http/request.h"
#include "http/respond.h"

static const struct page {
    const char *path, *title, *module;
} pages[] = {
    {"/", "Bưu chính công ích", "home.js"},
    {"/login", "Đăng nhập", "login.js"},
    {"/online", "Thủ tục hành chính", "online.js"},
    {"/online/file/{code}", "Nộp hồ sơ trực tuyến", "online-file/file.js"},
    {"/seal", "Kiểm tra kết quả điện tử", "seal.js"},
    {"/counter", "Quầy giao dịch", "counter/counter.js"},
    {"/courier", "Bưu tá", "courier/courier.js"},
    {"/hub", "Trung tâm khai thác", "hub/hub.js"},
    {"/agency", "Bộ phận Một cửa", "agency/agency.js"},
    {"/board", "Giám sát", "board/board.js"},
    {"/admin", "Quản trị", "admin/admin.js"},
};

const char web_demo_banner[] = "<p class=\"demo\" role=\"note\">Bản dùng thử, dữ liệu giả lập. "
                               "<small lang=\"en\">Demonstration, made-up data.</small></p>";

static const struct page *page_of(const char *path)
{
    for (size_t i = 0; i < countof(pages); i++)
        if (strcmp(pages[i].path, path) == 0)
            return &pages[i];
    return NULL;
}

static const char *slot_text(const struct page *page, const char *name, size_t len)
{
    if (strncmp(name, "title", len) == 0)
        return page->title;
    if (strncmp(name, "module", len) == 0)
        return page->module;
    if (strncmp(name, "banner", len) == 0)
        return conf.demo ? web_demo_banner : "";
    return conf.demo ? "demo" : ""; // mode
}

// Copies the shell, putting page and banner where {{…}} stands.
static void page_render(struct buf *out, const char *shell, const struct page *page)
{
    const char *open, *close;
    while ((open = strstr(shell, "{{")) && (close = strstr(open, "}}"))) {
        buf_add(out, shell, (size_t)(open - shell));
        buf_text(out, slot_text(page, open + 2, (size_t)(close - open - 2)));
        shell = close + 2;
    }
    buf_text(out, shell);
}

static void page_get(struct request *req)
{
    const struct page *page = page_of(req->route->path);
    const struct asset *shell = asset_find("web/shell.html");
    if (!page || !shell) {
        reply_problem(req, ERR_NOT_FOUND, NULL);
        return;
    }
    struct buf out = {0};
    page_render(&out, shell->data, page);
    reply_html(req, 200, out.data, out.len);
    buf_finish(&out);
}

// Browsers and phones ask for these two at the root.
static void icon_get(struct request *req)
{
    reply_asset(req, "web/icon.svg");
}

static void manifest_get(struct request *req)
{
    reply_asset(req, "web/courier/manifest.webmanifest");
}

// At the root, because a worker serves only what lies below its own address.
static void worker_get(struct request *req)
{
    reply_asset(req, "web/courier/worker.js");
}

#define PAGE(at, vi, en) \
    { \
        .method = HTTP_GET, .path = at, .handle = page_get, .text_vi = vi, .text_en = en \
    }

static const struct route routes[] = {
    PAGE("/", "Trang chọn công việc.", "Where to go from here."),
    PAGE("/login", "Trang đăng nhập.", "The login page."),
    PAGE("/online", "Trang tra cứu thủ tục.", "The catalogue of procedures."),
    PAGE("/online/file/{code}", "Trang nộp hồ sơ trực tuyến; bản nháp được giữ trên máy chủ.",
         "Filing on line; the draft is kept by the service."),
    PAGE("/seal", "Trang kiểm tra kết quả điện tử với chữ ký niêm phong.",
         "Whether an electronic result is what was sealed; the file stays on the device."),
    PAGE("/counter", "Trang của quầy giao dịch.", "The counter's page."),
    PAGE("/courier", "Trang của bưu tá.", "The courier's page."),
    PAGE("/hub", "Trang của trung tâm khai thác.", "The sorting hub's page."),
    PAGE("/agency", "Trang của Bộ phận Một cửa.", "The one-stop department's page."),
    PAGE("/board", "Trang của giám sát viên.", "The supervisor's page."),
    PAGE("/admin", "Trang quản trị: dải số hiệu.", "Administration: ranges of numbers."),
    {.method = HTTP_GET,
     .path = "/favicon.ico",
     .handle = icon_get,
     .text_vi = "Biểu tượng của trang.",
     .text_en = "The pages' icon."},
    {.method = HTTP_GET,
     .path = "/courier.webmanifest",
     .handle = manifest_get,
     .text_vi = "Để cài trang bưu tá lên điện thoại.",
     .text_en = "Lets the courier's page be put on a phone's home screen."},
    {.method = HTTP_GET,
     .path = "/courier-worker.js",
     .handle = worker_get,
     .text_vi = "Giữ trang bưu tá trên điện thoại khi không có mạng.",
     .text_en = "Keeps the courier's page on the phone without a network."},
    {0},
};

const struct capability web_capability = {.name = "web", .routes = routes};
