#include "dossier/unlock_write.h"

#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "base/assets.h"
#include "base/conf.h"
#include "web/web.h"

void unlock_both(struct buf *out, struct unlock_two text)
{
    buf_html(out, text.vi ? text.vi : "");
    if (text.en) {
        buf_text(out, " <span class=\"en\" lang=\"en\">");
        buf_html(out, text.en);
        buf_text(out, "</span>");
    }
}

void unlock_back_link(struct buf *out, const char *number)
{
    char *encoded = evhttp_uriencode(number, -1, 0);
    buf_text(out, "<p class=\"more\"><a href=\"/t/");
    buf_text(out, encoded ? encoded : "");
    free(encoded);
    buf_text(
        out,
        "\">Về trang tra cứu <span class=\"en\" lang=\"en\">Back to tracking</span></a></p>\n");
}

void unlock_around(struct buf *out, void (*content)(struct buf *out, const void *arg),
                   const void *arg)
{
    const struct asset *shell = asset_find("web/unlock.html");
    const char *from = shell ? shell->data : "{{content}}", *open, *close;
    for (; (open = strstr(from, "{{")) && (close = strstr(open, "}}")); from = close + 2) {
        buf_add(out, from, (size_t)(open - from));
        if (strncmp(open, "{{banner", 8) == 0)
            buf_text(out, conf.demo ? web_demo_banner : "");
        else
            content(out, arg);
    }
    buf_text(out, from);
}
