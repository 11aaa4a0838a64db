#include "dossier/unlock_page.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "dossier/unlock_write.h"
#include "postal/postal.h"

// --- small pieces --------------------------------------------------------------------------------

static void paragraph(struct buf *out, const char *class, struct unlock_two text)
{
    buf_printf(out, "<p class=\"%s\">", class);
    unlock_both(out, text);
    buf_text(out, "</p>\n");
}

static struct unlock_two words(const json_t *object, const char *vi, const char *en)
{
    return (struct unlock_two){json_text(object, vi), json_text(object, en)};
}

static void term(struct buf *out, struct unlock_two name)
{
    buf_text(out, "<dt>");
    unlock_both(out, name);
    buf_text(out, "</dt><dd>");
}

static void row(struct buf *out, struct unlock_two name, struct unlock_two value)
{
    if (!value.vi)
        return;
    term(out, name);
    unlock_both(out, value);
    buf_text(out, "</dd>\n");
}

static void time_of(struct buf *out, const json_t *object)
{
    char told[CLOCK_TEXT];
    int64_t at;
    const char *text = json_text(object, "at");
    if (!text || !clock_parse(text, &at))
        return;
    clock_format_people(at, told);
    buf_printf(out, "<time datetime=\"%s\">%s</time> ", text, told);
}

// 2026-11-30 as 30/11/2026.
static void day_row(struct buf *out, struct unlock_two name, const char *day)
{
    if (!day || strlen(day) != 10)
        return;
    term(out, name);
    buf_printf(out, "%.2s/%.2s/%.4s</dd>\n", day + 8, day + 5, day);
}

static void heading(struct buf *out, struct unlock_two text)
{
    buf_text(out, "<h2>");
    unlock_both(out, text);
    buf_text(out, "</h2>\n");
}

// --- what was opened -----------------------------------------------------------------------------

static void office_rows(struct buf *out, const json_t *office)
{
    size_t i;
    const json_t *span, *hours = json_object_get(office, "hours");
    row(out, (struct unlock_two){"Nơi nhận", "Where"}, words(office, "name", "name_en"));
    row(out, (struct unlock_two){"Địa chỉ", "Address"}, words(office, "address", ""));
    row(out, (struct unlock_two){"Điện thoại", "Telephone"}, words(office, "phone", ""));
    if (json_array_size(hours) == 0)
        return;
    term(out, (struct unlock_two){"Giờ mở cửa", "Open on working days"});
    json_array_foreach(hours, i, span)
    {
        buf_text(out, i ? ", " : "");
        unlock_both(out, words(span, "from", ""));
        buf_text(out, "–");
        unlock_both(out, words(span, "to", ""));
    }
    buf_text(out, "</dd>\n");
}

static void person_rows(struct buf *out, const json_t *person, struct unlock_two name)
{
    row(out, name, words(person, "name", ""));
    row(out, (struct unlock_two){"Điện thoại", "Telephone"}, words(person, "phone", ""));
}

static void pickup_row(struct buf *out, const json_t *pickup)
{
    const char *day = json_text(pickup, "day"), *half = json_text(pickup, "half");
    if (!day || !half || strlen(day) != 10)
        return;
    bool morning = strcmp(half, "morning") == 0;
    term(out, (struct unlock_two){"Bưu tá đến nhận", "Pick-up"});
    buf_printf(out, "%.2s/%.2s/%.4s, ", day + 8, day + 5, day);
    unlock_both(out, morning ? (struct unlock_two){"buổi sáng", "morning"}
                             : (struct unlock_two){"buổi chiều", "afternoon"});
    buf_text(out, "</dd>\n");
}

static void people_part(struct buf *out, const json_t *view)
{
    const json_t *result = json_object_get(view, "result");
    buf_text(out, "<section><dl>\n");
    person_rows(out, json_object_get(view, "applicant"),
                (struct unlock_two){"Người nộp", "Applicant"});
    pickup_row(out, json_object_get(view, "pickup"));
    row(out, (struct unlock_two){"Trả kết quả", "Result"}, words(result, "vi", "en"));
    row(out, (struct unlock_two){"Khu vực", "Area"}, words(result, "place", ""));
    office_rows(out, json_object_get(result, "office"));
    person_rows(out, json_object_get(result, "recipient"),
                (struct unlock_two){"Người nhận kết quả", "Who receives it"});
    buf_text(out, "</dl></section>\n");
}

static void received_row(struct buf *out, const json_t *received)
{
    struct unlock_two relation = words(received, "relation_vi", "relation_en");
    if (!received)
        return;
    term(out, (struct unlock_two){"Phát lúc", "Delivered at"});
    time_of(out, received);
    if (relation.vi) {
        buf_text(out, "· ");
        unlock_both(out, relation);
    }
    buf_text(out, "</dd>\n");
}

static void failure_rows(struct buf *out, const json_t *list)
{
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one)
    {
        struct unlock_two reason = words(one, "reason_vi", "reason_en"),
                          next = words(one, "next_vi", "next_en");
        term(out, (struct unlock_two){"Phát chưa thành công", "Not delivered"});
        time_of(out, one);
        if (reason.vi) {
            buf_text(out, "· ");
            unlock_both(out, reason);
        }
        if (next.vi) {
            buf_text(out, "<small class=\"block\">Tiếp theo: ");
            unlock_both(out, next);
            buf_text(out, "</small>");
        }
        buf_text(out, "</dd>\n");
    }
}

static void invitation_rows(struct buf *out, const json_t *list)
{
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one)
    {
        term(out, (struct unlock_two){"Đã mời đến nhận", "Invited to fetch it"});
        time_of(out, one);
        buf_text(out, "</dd>\n");
    }
}

static void fetch_rows(struct buf *out, const json_t *fetch)
{
    static const struct bring {
        const char *name;
        struct unlock_two text;
    } bring[] = {
        {"identity", {"mang giấy tờ tùy thân", "bring your identity paper"}},
        {"addressee_only",
         {"người nhận phải trực tiếp đến nhận", "only the addressee may take it"}},
        {"old_papers", {"nộp lại bản cũ theo quy định", "give the old paper back"}},
    };
    bool any = false;
    if (!fetch)
        return;
    office_rows(out, json_object_get(fetch, "office"));
    for (size_t i = 0; i < countof(bring); i++) {
        if (!json_bool(fetch, bring[i].name))
            continue;
        if (!any)
            term(out, (struct unlock_two){"Khi đến nhận, xin lưu ý", "When you come"});
        else
            buf_text(out, "<br>");
        unlock_both(out, bring[i].text);
        any = true;
    }
    buf_text(out, any ? "</dd>\n" : "");
    day_row(out, (struct unlock_two){"Lưu đến ngày", "Kept until"}, json_text(fetch, "hold_until"));
    day_row(out, (struct unlock_two){"Chuyển hoàn từ ngày", "Goes back from"},
            json_text(fetch, "return_on"));
}

static void shipment_part(struct buf *out, const json_t *one)
{
    char groups[S10_GROUPED];
    const char *number = json_text(one, "number");
    buf_text(out, "<section><h2>");
    unlock_both(out, words(one, "leg_vi", "leg_en"));
    buf_text(out, " <span class=\"mono nowrap\">");
    if (number && s10_valid(number)) {
        s10_group(number, groups);
        buf_text(out, groups);
    }
    buf_text(out, "</span></h2>\n<dl>\n");
    row(out, (struct unlock_two){"Tình trạng", "State"}, words(one, "state_vi", "state_en"));
    received_row(out, json_object_get(one, "received"));
    failure_rows(out, json_object_get(one, "failures"));
    invitation_rows(out, json_object_get(one, "invitations"));
    fetch_rows(out, json_object_get(one, "fetch"));
    buf_text(out, "</dl></section>\n");
}

// Who read it; only the receipt's code shows that.
static void reads_part(struct buf *out, const json_t *reads)
{
    size_t i;
    const json_t *one;
    if (!reads)
        return;
    buf_text(out, "<section>\n");
    heading(out, (struct unlock_two){"Ai đã đọc dữ liệu của quý vị", "Who read your data"});
    buf_text(out, "<ol class=\"line\" reversed>\n");
    json_array_foreach(reads, i, one)
    {
        buf_text(out, "<li>");
        time_of(out, one);
        unlock_both(out, words(one, "vi", "en"));
        if (json_object_get(one, "unit")) {
            buf_text(out, "<small class=\"block\">");
            unlock_both(out, words(json_object_get(one, "unit"), "name", "name_en"));
            buf_text(out, "</small>");
        }
        buf_text(out, "</li>\n");
    }
    buf_text(out, "</ol></section>\n");
}

// --- the result on line --------------------------------------------------------------------------

static void fetch_form(struct buf *out, const char *code, const char *token, const char *what,
                       struct unlock_two name, const char *class)
{
    buf_text(out, "<form method=\"post\" action=\"/t/");
    buf_html(out, code);
    buf_text(out, "/result\"><input type=\"hidden\" name=\"token\" value=\"");
    buf_html(out, token);
    buf_printf(out, "\"><input type=\"hidden\" name=\"what\" value=\"%s\"><button class=\"%s\">",
               what, class);
    unlock_both(out, name);
    buf_text(out, "</button></form>\n");
}

static void replaced_part(struct buf *out, const json_t *replaced)
{
    if (!replaced)
        return;
    buf_printf(
        out,
        "<p class=\"alert\">Bản này thay bản %lld; bản %lld không còn hiệu lực. <span class=\"en\" "
        "lang=\"en\">It replaces version %lld, which is superseded.</span></p>\n",
        (long long)json_int(replaced, "version", 0), (long long)json_int(replaced, "version", 0),
        (long long)json_int(replaced, "version", 0));
}

static void file_rows(struct buf *out, const json_t *result)
{
    int64_t size = json_int(result, "size", 0);
    const char *sha256 = json_text(result, "sha256");
    term(out, (struct unlock_two){"Ký niêm phong lúc", "Sealed"});
    time_of(out, result);
    buf_text(out, "</dd>\n");
    term(out, (struct unlock_two){"Tệp", "File"});
    buf_printf(out, "PDF, %lld KB, bản %lld</dd>\n", (long long)((size + 1023) / 1024),
               (long long)json_int(result, "version", 0));
    term(out, (struct unlock_two){"SHA-256", NULL});
    buf_text(out, "<span class=\"mono digest\">");
    buf_html(out, sha256 ? sha256 : "");
    buf_text(out, "</span></dd>\n");
}

static void download_part(struct buf *out, const json_t *view, const char *code)
{
    const json_t *download = json_object_get(view, "download"),
                 *result = json_object_get(download, "result");
    const char *token = json_text(download, "token");
    if (json_bool(download, "needs_code")) {
        buf_text(out, "<section class=\"result\">\n");
        heading(out, (struct unlock_two){"Kết quả điện tử", "Electronic result"});
        paragraph(
            out, "say",
            (struct unlock_two){"Đã có kết quả để tải. Bốn chữ số chưa đủ: xin mở bằng mã tra cứu "
                                "trên phiếu gửi hồ sơ.",
                                "It is there to be downloaded. Four digits are not enough: please "
                                "open it with the code on your receipt."});
        buf_text(out, "<p class=\"more\"><a href=\"/t/");
        buf_html(out, code);
        buf_text(out, "/unlock\">Nhập mã tra cứu <span class=\"en\" lang=\"en\">Type the "
                      "code</span></a></p></section>\n");
        return;
    }
    if (!result || !token)
        return;
    buf_text(out, "<section class=\"result\">\n");
    heading(out, (struct unlock_two){"Kết quả điện tử", "Electronic result"});
    replaced_part(out, json_object_get(result, "replaced"));
    buf_text(out, "<div class=\"fetch\">\n");
    fetch_form(out, code, token, "pdf",
               (struct unlock_two){"Tải kết quả (PDF)", "Download the result"}, "main");
    fetch_form(out, code, token, "seal",
               (struct unlock_two){"Tải chữ ký niêm phong", "Download its seal"}, "plain");
    buf_text(out, "</div>\n<dl>\n");
    file_rows(out, result);
    buf_text(
        out,
        "</dl>\n<p class=\"hint\">Lượt tải có hiệu lực mười phút; mỗi lần tải được ghi lại. Giữ cả "
        "hai "
        "tệp: chữ ký chứng minh PDF do hệ thống này cấp và chưa bị sửa. <span class=\"en\" "
        "lang=\"en\">Good for ten minutes; each download is recorded. Keep both files: the seal "
        "proves that the PDF came from here and was not changed.</span> <a href=\"/seal\">Kiểm tra "
        "một "
        "tệp <span class=\"en\" lang=\"en\">Check a file</span></a></p>\n</section>\n");
}

static void unlocked_content(struct buf *out, const void *arg)
{
    size_t i;
    const json_t *view = arg, *one, *status = json_object_get(view, "status");
    const char *code = json_text(view, "code");
    buf_text(out, "<section class=\"now\">\n<h1>Hồ sơ <span class=\"mono\">");
    buf_html(out, code ? code : "");
    buf_text(out, "</span></h1>\n");
    if (json_text(status, "name"))
        paragraph(out, "say", words(status, "name", "name_en"));
    buf_text(out, "</section>\n");
    download_part(out, view, code ? code : "");
    people_part(out, view);
    json_array_foreach(json_object_get(view, "shipments"), i, one) shipment_part(out, one);
    reads_part(out, json_object_get(view, "reads"));
    unlock_back_link(out, code ? code : "");
}

void unlock_page(struct buf *out, const json_t *view)
{
    unlock_around(out, unlocked_content, view);
}
