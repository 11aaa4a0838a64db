#include "tracking/track_page.h"

#include <string.h>

#include "base/assets.h"
#include "base/conf.h"
#include "base/json.h"
#include "tracking/track_map.h"
#include "tracking/track_parts.h"
#include "tracking/track_share.h"
#include "tracking/track_write.h"
#include "web/web.h"

// What was asked for may be a shipment's number or have spaces in it; a known dossier's page names
// its code alone.
static void content(struct buf *out, const json_t *view, const char *number)
{
    if (!view) {
        track_part_unknown(out, number);
        return;
    }
    track_part_now(out, view);
    track_part_steps(out, view);
    buf_text(out, "<div class=\"side\">\n");
    track_map(out, view);
    track_part_facts(out, view);
    buf_text(out, "</div>\n<div class=\"long\">\n");
    track_part_timeline(out, view);
    track_part_shipments(out, view);
    buf_text(out, "</div>\n");
    track_share(out, view);
}

void track_page(struct buf *out, const json_t *view, const char *number)
{
    const struct asset *shell = asset_find("web/track.html");
    const char *from = shell ? shell->data : "{{content}}", *open, *close;
    buf_reserve(out, view ? 24576 : 4096);
    while ((open = strstr(from, "{{")) && (close = strstr(open, "}}"))) {
        buf_add(out, from, (size_t)(open - from));
        if (strncmp(open + 2, "banner", 6) == 0)
            buf_text(out, conf.demo ? web_demo_banner : "");
        else
            content(out, view, number);
        from = close + 2;
    }
    buf_text(out, from);
}

static void place_line(struct buf *out, const json_t *view)
{
    const json_t *where = json_object_get(view, "place");
    if (!json_is_object(where))
        return;
    buf_printf(out, "\n%s: %s", json_bool(where, "moving") ? "Gần nhất tại" : "Đang ở",
               track_text_at(view, "place", "name"));
    if (json_text(where, "province"))
        buf_printf(out, ", %s", json_text(where, "province"));
    buf_text(out, ".");
}

void track_text(struct buf *out, const json_t *view, const char *number)
{
    char due[CLOCK_TEXT];
    struct track_expected expected;
    (void)number;
    if (!view) {
        buf_text(out, "Không tìm thấy số này. Nothing is known under this number.\n");
        return;
    }
    const char *code = json_text(view, "code");
    buf_printf(out, "Hồ sơ %s: %s", code ? code : "", track_text_at(view, "stage", "vi"));
    place_line(out, view);
    if (json_text(view, "grouped_into"))
        buf_printf(out, "\nĐã gộp vào hồ sơ %s.", json_text(view, "grouped_into"));
    buf_printf(out, "\nTiếp theo: %s", track_text_at(view, "next", "vi"));
    if (!json_text(view, "ended_at") && track_when(view, "due_at", due))
        buf_printf(out, "\nHẹn trả: %s.", due);
    if (track_expected(view, &expected))
        buf_printf(out, "\n%s: %s.", expected.vi, expected.days);
    buf_printf(out, "\n%s\nNext: %s\n", track_text_at(view, "stage", "en"),
               track_text_at(view, "next", "en"));
}
