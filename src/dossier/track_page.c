#include "dossier/track_page.h"

#include <stdio.h>
#include <string.h>

#include "base/assets.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/json.h"
#include "web/web.h"

static const struct {
    const char *vi, *en;
} steps[] = {
    {"Bưu cục nhận", "Post office"},     {"Chuyển đến cơ quan", "To the agency"},
    {"Cơ quan nhận", "At the agency"},   {"Giải quyết", "In process"},
    {"Trả kết quả", "Result under way"}, {"Hoàn thành", "Done"},
};

// --- small pieces --------------------------------------------------------------------------------

static const char *text_at(const json_t *object, const char *member, const char *name)
{
    const char *text = json_text(json_object_get(object, member), name);
    return text ? text : "";
}

// 23/11/2026 09:15; nothing for a member that is null.
static bool when(const json_t *object, const char *name, char out[CLOCK_TEXT])
{
    int64_t at;
    const char *text = json_text(object, name);
    if (!text || !clock_parse(text, &at))
        return false;
    clock_format_people(at, out);
    return true;
}

// RR123456785VN as RR 12345678 5 VN, the way it stands on the label.
static void grouped(struct buf *out, const char *number)
{
    if (strlen(number) == 13)
        buf_printf(out, "%.2s %.8s %.1s %.2s", number, number + 2, number + 10, number + 11);
    else
        buf_html(out, number);
}

static void english(struct buf *out, const char *text)
{
    buf_text(out, " <span class=\"en\" lang=\"en\">");
    buf_html(out, text);
    buf_text(out, "</span>");
}

static void place(struct buf *out, const json_t *where)
{
    buf_html(out, json_text(where, "name") ? json_text(where, "name") : "");
    if (json_text(where, "province")) {
        buf_text(out, ", ");
        buf_html(out, json_text(where, "province"));
    }
}

static void fact(struct buf *out, const char *vi, const char *en)
{
    buf_printf(out, "<dt>%s", vi);
    english(out, en);
    buf_text(out, "</dt><dd>");
}

// --- the parts of the page -----------------------------------------------------------------------

static void now_part(struct buf *out, const json_t *view, const char *number)
{
    buf_printf(out, "<section class=\"now %s\" data-track=\"", text_at(view, "stage", "tone"));
    buf_html(out, number);
    buf_printf(out,
               "\" data-position=\"%lld\" aria-live=\"polite\">\n<h1>Hồ sơ <span class=\"mono\">",
               (long long)json_int(view, "position", 0));
    buf_html(out, json_text(view, "code"));
    buf_text(out, "</span></h1>\n<p class=\"say\">");
    buf_html(out, text_at(view, "stage", "vi"));
    buf_text(out, "</p>\n<p class=\"en\" lang=\"en\">");
    buf_html(out, text_at(view, "stage", "en"));
    buf_text(out, "</p>\n<p class=\"next\"><strong>Tiếp theo:</strong> ");
    buf_html(out, text_at(view, "next", "vi"));
    english(out, text_at(view, "next", "en"));
    buf_text(out, "</p>\n</section>\n");
}

static void steps_part(struct buf *out, const json_t *view)
{
    const json_t *stage = json_object_get(view, "stage");
    int at = (int)json_int(stage, "step", 1);
    bool over = strcmp(text_at(view, "stage", "tone"), "done") == 0;
    buf_text(out, "<section><h2 class=\"hidden\">Các bước</h2><ol class=\"steps\">\n");
    for (int i = 1; i <= (int)countof(steps); i++) {
        bool past = i < at || (i == at && over), here = i == at && !over;
        buf_printf(out, "<li class=\"%s\"%s><span><span class=\"hidden\">%s: </span>%s",
                   past   ? "past"
                   : here ? "here"
                          : "later",
                   here ? " aria-current=\"step\"" : "",
                   past   ? "đã xong"
                   : here ? "hiện tại"
                          : "chưa đến",
                   steps[i - 1].vi);
        english(out, steps[i - 1].en);
        buf_text(out, "</span></li>\n");
    }
    buf_text(out, "</ol></section>\n");
}

static void due_fact(struct buf *out, const json_t *view)
{
    char due[CLOCK_TEXT];
    const char *clock = json_text(view, "clock");
    fact(out, "Hẹn trả kết quả", "Due");
    if (when(view, "due_at", due))
        buf_printf(out, "<strong>%s</strong>%s", due,
                   json_bool(view, "apologised") ? " (đã xin lỗi và hẹn lại)" : "");
    else if (clock && strcmp(clock, "paused") == 0)
        buf_text(out, "tạm dừng, sẽ hẹn lại <span class=\"en\" lang=\"en\">paused</span>");
    else
        buf_text(out, "chưa có, cơ quan hẹn khi tiếp nhận <span class=\"en\" lang=\"en\">set when "
                      "the agency accepts</span>");
    buf_text(out, "</dd>\n");
}

static void kin_link(struct buf *out, const char *code)
{
    buf_text(out, "<a class=\"mono\" href=\"/t/");
    buf_html(out, code);
    buf_text(out, "\">");
    buf_html(out, code);
    buf_text(out, "</a> ");
}

// What was one dossier with it before it was split or grouped.
static void kin_part(struct buf *out, const json_t *view)
{
    static const struct kin {
        const char *name, *vi, *en;
    } kin[] = {{"grouped_into", "Đã gộp vào hồ sơ", "Grouped into"},
               {"grouped", "Gồm cả hồ sơ", "Includes"},
               {"split_from", "Tách từ hồ sơ", "Split from"},
               {"split_into", "Đã tách thêm hồ sơ", "Split into"}};
    for (size_t k = 0, i; k < countof(kin); k++) {
        const json_t *codes = json_object_get(view, kin[k].name), *code;
        if (!codes)
            continue;
        fact(out, kin[k].vi, kin[k].en);
        if (json_is_string(codes))
            kin_link(out, json_string_value(codes));
        json_array_foreach(codes, i, code) kin_link(out, json_string_value(code));
        buf_text(out, "</dd>\n");
    }
}

static void facts_part(struct buf *out, const json_t *view)
{
    char at[CLOCK_TEXT];
    const json_t *where = json_object_get(view, "place");
    buf_text(out, "<section><h2 class=\"hidden\">Thông tin</h2><dl>\n");
    fact(out, "Trạng thái", "Status");
    buf_html(out, text_at(view, "status", "name"));
    english(out, text_at(view, "status", "name_en"));
    buf_text(out, "</dd>\n");
    if (json_is_object(where)) {
        bool moving = json_bool(where, "moving");
        fact(out, moving ? "Gần nhất tại" : "Đang ở", moving ? "Last at" : "Now at");
        place(out, where);
        buf_text(out, "</dd>\n");
    }
    if (when(view, "filed_at", at)) {
        fact(out, "Nộp cho cơ quan lúc", "Filed");
        buf_printf(out, "%s</dd>\n", at);
    }
    if (when(view, "ended_at", at)) {
        fact(out, "Giải quyết xong lúc", "Decided");
        buf_printf(out, "%s</dd>\n", at);
    }
    due_fact(out, view);
    kin_part(out, view);
    buf_text(out, "</dl></section>\n");
}

static void shipments_part(struct buf *out, const json_t *view)
{
    size_t i;
    json_t *one;
    const json_t *list = json_object_get(view, "shipments");
    if (json_array_size(list) == 0)
        return;
    buf_text(out, "<section><h2>Bưu gửi <span class=\"en\" lang=\"en\">Shipments</span></h2>"
                  "<ul class=\"parcels\">\n");
    json_array_foreach(list, i, one)
    {
        buf_text(out, "<li><span class=\"mono nowrap\">");
        grouped(out, json_text(one, "number"));
        buf_printf(out, "</span> · %s", json_text(one, "leg_vi"));
        if (json_int(one, "pieces", 1) > 1)
            buf_printf(out, ", kiện %d/%d", (int)json_int(one, "piece", 1),
                       (int)json_int(one, "pieces", 1));
        buf_printf(out, ": <strong>%s</strong>", json_text(one, "state_vi"));
        english(out, json_text(one, "leg_en"));
        english(out, json_text(one, "state_en"));
        buf_text(out, "</li>\n");
    }
    buf_text(out, "</ul></section>\n");
}

static void timeline_part(struct buf *out, const json_t *view)
{
    size_t i;
    json_t *one;
    char at[CLOCK_TEXT];
    buf_text(out, "<section><h2>Hành trình <span class=\"en\" lang=\"en\">Journey</span></h2>"
                  "<ol class=\"line\" reversed>\n");
    json_array_foreach(json_object_get(view, "timeline"), i, one)
    {
        buf_text(out, "<li>");
        if (when(one, "at", at))
            buf_printf(out, "<time datetime=\"%s\">%s</time>", json_text(one, "at"), at);
        buf_html(out, json_text(one, "vi"));
        english(out, json_text(one, "en"));
        if (json_is_object(json_object_get(one, "place"))) {
            buf_text(out, "<small class=\"block\">");
            place(out, json_object_get(one, "place"));
            buf_text(out, "</small>");
        }
        buf_text(out, "</li>\n");
    }
    buf_text(out, "</ol>\n");
    if (json_bool(view, "purged"))
        buf_text(out, "<p>Các bước cũ hơn đã được hủy do hết thời hạn lưu trữ. "
                      "<span class=\"en\" lang=\"en\">Older steps were deleted after their time of "
                      "keeping.</span></p>\n");
    buf_text(out, "</section>\n");
}

static void more_part(struct buf *out, const char *number)
{
    buf_text(out, "<p class=\"more\"><button type=\"button\" data-print hidden>In trang</button> "
                  "<a href=\"/t/");
    buf_html(out, number);
    buf_text(out, ".txt\">Dạng văn bản</a></p>\n");
}

static void unknown_part(struct buf *out, const char *number)
{
    buf_text(out, "<section class=\"now wait\">\n<h1>");
    if (number) {
        buf_text(out, "Không tìm thấy <span class=\"mono\">");
        buf_html(out, number);
        buf_text(out, "</span></h1>\n<p class=\"en\" lang=\"en\">Nothing is known under this "
                      "number.</p>");
    } else {
        buf_text(out, "Tra cứu hồ sơ</h1>\n<p class=\"en\" lang=\"en\">Where is my dossier?</p>");
    }
    buf_text(out,
             "\n<ul>\n<li>Số hiệu trên nhãn có 13 ký tự, ví dụ <span class=\"mono\">RR 12345678 5 "
             "VN</span>. <span class=\"en\" lang=\"en\">The number on the label has 13 characters."
             "</span></li>\n<li>Mã hồ sơ trên giấy tiếp nhận, ví dụ <span class=\"mono\">"
             "000.00.16.H57-261124-0001</span>. <span class=\"en\" lang=\"en\">Or the code on your "
             "receipt.</span></li>\n<li>Viết hoa hay thường, có dấu cách hay không đều được. "
             "<span class=\"en\" lang=\"en\">Case and spaces do not matter.</span></li>\n"
             "<li>Vẫn không thấy? Hỏi bưu cục đã nhận hồ sơ. <span class=\"en\" lang=\"en\">"
             "Otherwise ask the post office.</span></li>\n</ul>\n</section>\n");
}

// --- the page ------------------------------------------------------------------------------------

static void content(struct buf *out, const json_t *view, const char *number)
{
    if (!view) {
        unknown_part(out, number);
        return;
    }
    // What was asked for may be a shipment's number or have spaces in it; the code is the
    // dossier's.
    const char *code = json_text(view, "code");
    now_part(out, view, code);
    steps_part(out, view);
    facts_part(out, view);
    timeline_part(out, view);
    shipments_part(out, view);
    more_part(out, code);
}

void track_page(struct buf *out, const json_t *view, const char *number)
{
    const struct asset *shell = asset_find("web/track.html");
    const char *from = shell ? shell->data : "{{content}}", *open, *close;
    while ((open = strstr(from, "{{")) && (close = strstr(open, "}}"))) {
        buf_add(out, from, (size_t)(open - from));
        if (strncmp(open + 2, "title", 5) == 0)
            buf_text(out, "Tra cứu hồ sơ");
        else if (strncmp(open + 2, "banner", 6) == 0)
            buf_text(out, conf.demo ? web_demo_banner : "");
        else
            content(out, view, number);
        from = close + 2;
    }
    buf_text(out, from);
}

void track_text(struct buf *out, const json_t *view, const char *number)
{
    char due[CLOCK_TEXT];
    const json_t *where = json_object_get(view, "place");
    (void)number;
    if (!view) {
        buf_text(out, "Không tìm thấy số này. Nothing is known under this number.\n");
        return;
    }
    buf_printf(out, "Hồ sơ %s: %s", json_text(view, "code"), text_at(view, "stage", "vi"));
    if (json_is_object(where))
        buf_printf(out, "\n%s: %s, %s.", json_bool(where, "moving") ? "Gần nhất tại" : "Đang ở",
                   text_at(view, "place", "name"), text_at(view, "place", "province"));
    if (json_text(view, "grouped_into"))
        buf_printf(out, "\nĐã gộp vào hồ sơ %s.", json_text(view, "grouped_into"));
    buf_printf(out, "\nTiếp theo: %s", text_at(view, "next", "vi"));
    if (when(view, "due_at", due))
        buf_printf(out, "\nHẹn trả: %s.", due);
    buf_printf(out, "\n%s\nNext: %s\n", text_at(view, "stage", "en"), text_at(view, "next", "en"));
}
