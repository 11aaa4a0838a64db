#include "tracking/track_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "postal/postal.h"
#include "tracking/track_write.h"

static const struct {
    const char *vi, *en;
} steps[] = {
    {"Bưu cục nhận", "Post office"},     {"Chuyển đến cơ quan", "To the agency"},
    {"Cơ quan nhận", "At the agency"},   {"Giải quyết", "In process"},
    {"Trả kết quả", "Result under way"}, {"Hoàn thành", "Done"},
};

static const struct {
    const char *leg, *vi, *en;
} expectations[] = {
    {"outward", "Dự kiến đến cơ quan", "Expected at the agency"},
    {"supplement", "Dự kiến giấy tờ đến cơ quan", "Papers expected at the agency"},
    {"originals", "Dự kiến trả bản chính", "Originals expected"},
    {"back_to_agency", "Dự kiến về đến cơ quan", "Expected back at the agency"},
    {"", "Dự kiến giao", "Expected"}, // the result, and any other
};

static const struct {
    const char *name, *vi, *en;
} clocks[] = {
    {"agency", "Ở cơ quan", "At the agency"},
    {"post", "Trên đường bưu chính", "In the post"},
    {"waiting", "Chờ quý vị", "Waiting for you"},
};

// --- now -----------------------------------------------------------------------------------------

bool track_expected(const json_t *view, struct track_expected *out)
{
    const json_t *expected = json_object_get(view, "expected");
    const char *leg = track_text_at(view, "expected", "leg");
    size_t row = 0;
    while (expectations[row].leg[0] && strcmp(expectations[row].leg, leg) != 0)
        row++;
    out->vi = expectations[row].vi;
    out->en = expectations[row].en;
    return track_days(json_text(expected, "by_50"), json_text(expected, "by_90"), out->days);
}

static void place_fact(struct buf *out, const json_t *view)
{
    const json_t *where = json_object_get(view, "place");
    if (!json_is_object(where))
        return;
    bool moving = json_bool(where, "moving");
    track_fact(out, moving ? "Gần nhất tại" : "Đang ở", moving ? "Last at" : "Now at");
    track_put_place(out, where);
    buf_text(out, "</dd>\n");
}

static void due_fact(struct buf *out, const json_t *view)
{
    char due[CLOCK_TEXT];
    const char *clock = json_text(view, "clock");
    if (json_text(view, "ended_at"))
        return;
    track_fact(out, "Hẹn trả kết quả", "Due");
    if (track_when(view, "due_at", due)) {
        buf_printf(out, "<strong>%s</strong>", due);
        if (json_bool(view, "apologised")) {
            buf_text(out, " (đã xin lỗi và hẹn lại)");
            track_english(out, "apologised, a new date");
        }
    } else if (clock && strcmp(clock, "paused") == 0) {
        buf_text(out, "tạm dừng, sẽ hẹn lại");
        track_english(out, "paused");
    } else {
        buf_text(out, "chưa có, cơ quan hẹn khi tiếp nhận");
        track_english(out, "set when the agency accepts");
    }
    buf_text(out, "</dd>\n");
}

static void expected_fact(struct buf *out, const json_t *view)
{
    struct track_expected expected;
    if (!track_expected(view, &expected))
        return;
    track_fact(out, expected.vi, expected.en);
    buf_printf(out, "<strong>%s</strong></dd>\n", expected.days);
}

// Where the receipt's code opens the result.
static void fetch_link(struct buf *out, const json_t *view)
{
    buf_text(out, "<p class=\"fetch\"><a href=\"/t/");
    track_put(out, view, "code");
    buf_text(out,
             "/unlock\">Nhận kết quả trực tuyến <span class=\"en\" lang=\"en\">Fetch the result on "
             "line</span></a></p>\n");
}

void track_part_now(struct buf *out, const json_t *view)
{
    buf_text(out, "<section class=\"now ");
    buf_html(out, track_text_at(view, "stage", "tone"));
    buf_text(out, "\" data-track=\"");
    track_put(out, view, "code");
    buf_text(out, "\" data-tag=\"");
    track_put(out, view, "tag");
    buf_text(out, "\" aria-live=\"polite\">\n<h1>Hồ sơ <span class=\"mono\">");
    track_put(out, view, "code");
    buf_text(out, "</span></h1>\n<p class=\"say\">");
    buf_html(out, track_text_at(view, "stage", "vi"));
    buf_text(out, "</p>\n<p class=\"en\" lang=\"en\">");
    buf_html(out, track_text_at(view, "stage", "en"));
    buf_text(out, "</p>\n<dl>\n");
    place_fact(out, view);
    track_fact(out, "Tiếp theo", "Next");
    buf_html(out, track_text_at(view, "next", "vi"));
    track_english(out, track_text_at(view, "next", "en"));
    buf_text(out, "</dd>\n");
    expected_fact(out, view);
    due_fact(out, view);
    buf_text(out, "</dl>\n");
    if (strcmp(track_text_at(view, "stage", "code"), "result_online") == 0)
        fetch_link(out, view);
    buf_text(out, "</section>\n");
}

void track_part_steps(struct buf *out, const json_t *view)
{
    static const struct {
        const char *name, *told;
    } kinds[] = {{"past", "đã xong"}, {"here", "hiện tại"}, {"later", "chưa đến"}};
    int at = (int)json_int(json_object_get(view, "stage"), "step", 1);
    bool over = strcmp(track_text_at(view, "stage", "tone"), "done") == 0;
    buf_text(out,
             "<section class=\"way\"><h2 class=\"hidden\">Các bước</h2><ol class=\"steps\">\n");
    for (int i = 1; i <= (int)countof(steps); i++) {
        int kind = i < at || (i == at && over) ? 0 : i == at ? 1 : 2;
        buf_text(out, "<li class=\"");
        buf_text(out, kinds[kind].name);
        buf_text(out, kind == 1 ? "\" aria-current=\"step\"><span>" : "\"><span>");
        buf_text(out, "<span class=\"hidden\">");
        buf_text(out, kinds[kind].told);
        buf_text(out, ": </span>");
        buf_text(out, steps[i - 1].vi);
        track_english(out, steps[i - 1].en);
        buf_text(out, "</span></li>\n");
    }
    buf_text(out, "</ol></section>\n");
}

// --- facts ---------------------------------------------------------------------------------------

static void time_fact(struct buf *out, const json_t *view, const char *member, const char *vi,
                      const char *en)
{
    char at[CLOCK_TEXT];
    if (!track_when(view, member, at))
        return;
    track_fact(out, vi, en);
    buf_text(out, at);
    buf_text(out, "</dd>\n");
}

// Days with the agency, in the post and waiting for the applicant: counted apart, because the
// agency answers for its own alone.
static void clock_facts(struct buf *out, const json_t *view)
{
    const json_t *days = json_object_get(view, "days");
    for (size_t i = 0; i < countof(clocks); i++) {
        const json_t *count = json_object_get(days, clocks[i].name);
        if (!json_is_number(count) || json_number_value(count) < 0)
            continue;
        track_fact(out, clocks[i].vi, clocks[i].en);
        buf_printf(out, "%.0f ngày", json_number_value(count));
        track_english(out, json_number_value(count) == 1 ? "day" : "days");
        buf_text(out, "</dd>\n");
    }
}

static void kin_link(struct buf *out, const json_t *kin)
{
    const char *code = json_string_value(kin);
    if (!code)
        return;
    buf_text(out, "<a class=\"mono\" href=\"/t/");
    buf_html(out, code);
    buf_text(out, "\">");
    buf_html(out, code);
    buf_text(out, "</a> ");
}

// What was grouped into one dossier.
static void kin_facts(struct buf *out, const json_t *view)
{
    static const struct kin {
        const char *name, *vi, *en;
    } kin[] = {{"grouped_into", "Đã gộp vào hồ sơ", "Grouped into"},
               {"grouped", "Gồm cả hồ sơ", "Includes"}};
    for (size_t k = 0, i; k < countof(kin); k++) {
        const json_t *codes = json_object_get(view, kin[k].name), *code;
        if (!codes)
            continue;
        track_fact(out, kin[k].vi, kin[k].en);
        kin_link(out, codes);
        json_array_foreach(codes, i, code) kin_link(out, code);
        buf_text(out, "</dd>\n");
    }
}

void track_part_facts(struct buf *out, const json_t *view)
{
    buf_text(out,
             "<section><h2>Thông tin <span class=\"en\" lang=\"en\">Details</span></h2><dl>\n");
    track_fact(out, "Trạng thái", "Status");
    buf_html(out, track_text_at(view, "status", "name"));
    track_english(out, track_text_at(view, "status", "name_en"));
    buf_text(out, "</dd>\n");
    time_fact(out, view, "filed_at", "Nộp cho cơ quan lúc", "Filed");
    if (json_text(view, "ended_at"))
        time_fact(out, view, "due_at", "Hẹn trả kết quả", "Due");
    time_fact(out, view, "ended_at", "Giải quyết xong lúc", "Decided");
    clock_facts(out, view);
    kin_facts(out, view);
    buf_text(out, "</dl>\n<p class=\"more\"><a href=\"/t/");
    track_put(out, view, "code");
    buf_text(
        out,
        "/unlock\">Xem thêm: tên và thông tin giao nhận</a><small class=\"block\">Cần bốn "
        "số cuối điện thoại hoặc mã tra cứu trên phiếu gửi hồ sơ. <span lang=\"en\">More, with the "
        "last four digits of the phone or the code on the receipt.</span></small></p>"
        "</section>\n");
}

// --- journey -------------------------------------------------------------------------------------

static void shipment(struct buf *out, const json_t *one)
{
    char groups[S10_GROUPED];
    const char *number = json_text(one, "number");
    buf_text(out, "<li><span class=\"mono nowrap\">");
    if (number && s10_valid(number)) {
        s10_group(number, groups);
        buf_text(out, groups);
    }
    buf_text(out, "</span> · ");
    track_put(out, one, "leg_vi");
    if (json_int(one, "pieces", 1) > 1)
        buf_printf(out, ", kiện %d/%d", (int)json_int(one, "piece", 1),
                   (int)json_int(one, "pieces", 1));
    buf_text(out, ": <strong>");
    track_put(out, one, "state_vi");
    buf_text(out, "</strong> <span class=\"en\" lang=\"en\">");
    track_put(out, one, "leg_en");
    buf_text(out, ": ");
    track_put(out, one, "state_en");
    buf_text(out, "</span></li>\n");
}

void track_part_shipments(struct buf *out, const json_t *view)
{
    size_t i;
    json_t *one;
    const json_t *list = json_object_get(view, "shipments");
    if (json_array_size(list) == 0)
        return;
    buf_text(out, "<section><h2>Bưu gửi <span class=\"en\" lang=\"en\">Shipments</span></h2>"
                  "<ul class=\"parcels\">\n");
    json_array_foreach(list, i, one) shipment(out, one);
    buf_text(out, "</ul></section>\n");
}

static void moment(struct buf *out, const json_t *one)
{
    char at[CLOCK_TEXT];
    buf_text(out, "<li>");
    if (track_when(one, "at", at)) {
        buf_text(out, "<time datetime=\"");
        track_put(out, one, "at");
        buf_text(out, "\">");
        buf_text(out, at);
        buf_text(out, "</time>");
    }
    track_put(out, one, "vi");
    buf_text(out, " <span class=\"en\" lang=\"en\">");
    track_put(out, one, "en");
    buf_text(out, "</span>");
    if (json_is_object(json_object_get(one, "place"))) {
        buf_text(out, "<small class=\"block\">");
        track_put_place(out, json_object_get(one, "place"));
        buf_text(out, "</small>");
    }
    buf_text(out, "</li>\n");
}

void track_part_timeline(struct buf *out, const json_t *view)
{
    size_t i;
    json_t *one;
    buf_text(out, "<section><h2>Hành trình <span class=\"en\" lang=\"en\">Journey</span></h2>"
                  "<ol class=\"line\" reversed>\n");
    json_array_foreach(json_object_get(view, "timeline"), i, one) moment(out, one);
    buf_text(out, "</ol>\n");
    if (json_bool(view, "purged"))
        buf_text(out, "<p>Các bước cũ hơn đã được hủy do hết thời hạn lưu trữ. "
                      "<span class=\"en\" lang=\"en\">Older steps were deleted after their time of "
                      "keeping.</span></p>\n");
    buf_text(out, "</section>\n");
}

// --- nobody knows it -----------------------------------------------------------------------------

void track_part_unknown(struct buf *out, const char *number)
{
    buf_text(out, "<section class=\"now wait\">\n<h1 class=\"say\">");
    if (number) {
        buf_text(out, "Không tìm thấy <span class=\"mono\">");
        buf_html(out, number);
        buf_text(out, "</span></h1>\n<p class=\"en\" lang=\"en\">Nothing is known under this "
                      "number.</p>\n<p>Xin kiểm tra: <span class=\"en\" lang=\"en\">Please check:"
                      "</span></p>");
    } else {
        buf_text(out, "Tra cứu hồ sơ</h1>\n<p class=\"en\" lang=\"en\">Where is my dossier?</p>");
    }
    buf_text(
        out,
        "\n<ul>\n<li>Số hiệu trên nhãn có 13 ký tự, ví dụ <span class=\"mono\">RR 12345678 5 "
        "VN</span>: hai chữ cái, chín chữ số, rồi VN. <span class=\"en\" lang=\"en\">The number "
        "on the label: two letters, nine digits, VN.</span></li>\n"
        "<li>Xem lại từng chữ số: số 0 và chữ O, số 1 và chữ I dễ nhầm. <span class=\"en\" "
        "lang=\"en\">0 and O, 1 and I are easily mistaken.</span></li>\n"
        "<li>Mã hồ sơ trên giấy tiếp nhận, ví dụ <span class=\"mono\">"
        "000.00.16.H57-261124-0001</span>. <span class=\"en\" lang=\"en\">Or the code on your "
        "receipt.</span></li>\n<li>Viết hoa hay thường, có dấu cách hay không đều được. "
        "<span class=\"en\" lang=\"en\">Case and spaces do not matter.</span></li>\n"
        "<li>Vẫn không thấy? Hỏi bưu cục đã nhận hồ sơ. <span class=\"en\" lang=\"en\">"
        "Otherwise ask the post office.</span></li>\n</ul>\n</section>\n");
}
