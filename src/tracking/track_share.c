#include "tracking/track_share.h"

#include "base/conf.h"
#include "base/json.h"
#include "http/server.h"
#include "label/label.h"
#include "tracking/track_write.h"

static void qr(struct buf *out, const char *url, const json_t *view)
{
    struct label_links links;
    struct buf text = {0};
    label_links_make(&links, url);
    if (!links.track[0] || !json_text(view, "code"))
        return;
    buf_text(&text, links.track);
    buf_text(&text, json_text(view, "code"));
    size_t before = out->len;
    buf_text(out, "<div class=\"qr\" role=\"img\" aria-label=\"Mã QR của liên kết này\">");
    if (label_qr_svg(text.data, out))
        buf_text(out, "</div>\n");
    else
        out->data[out->len = before] = '\0';
    buf_finish(&text);
}

void track_share(struct buf *out, const json_t *view)
{
    const char *url = conf.public_url[0] ? conf.public_url : http_address();
    buf_text(out, "<section class=\"share\">\n");
    qr(out, url, view);
    buf_text(out, "<div><h2>Liên kết của trang này <span class=\"en\" lang=\"en\">Link to this page"
                  "</span></h2>\n<p><a class=\"mono\" data-link href=\"");
    for (int twice = 0; twice < 2; twice++) {
        buf_html(out, url);
        buf_text(out, "/t/");
        track_put(out, view, "code");
        buf_text(out, twice ? "</a></p>\n" : "\">");
    }
    buf_text(out,
             "<p><small>Ai có liên kết đều xem được trang này. <span lang=\"en\">Whoever has the "
             "link can see this page.</span></small></p>\n<p class=\"more\">"
             "<button type=\"button\" data-share hidden>Chia sẻ</button> "
             "<button type=\"button\" data-copy hidden>Sao chép liên kết</button> "
             "<button type=\"button\" data-print hidden>In trang</button> <a href=\"/t/");
    track_put(out, view, "code");
    buf_text(out, ".txt\">Dạng văn bản <small lang=\"en\">Plain text</small></a></p></div>\n"
                  "</section>\n");
}
