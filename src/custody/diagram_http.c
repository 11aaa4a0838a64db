#include <string.h>

#include "account/account.h"
#include "base/buf.h"
#include "base/json.h"
#include "custody/custody_db.h"
#include "custody/custody_http.h"
#include "custody/diagram.h"
#include "http/page.h"
#include "http/respond.h"

// The table of allowed steps, for people.

static const struct {
    uint32_t bit;
    const char *vi, *en;
} roles[] = {
    {ROLE_CLERK, "giao dịch viên", "clerk"},
    {ROLE_COURIER, "bưu tá", "courier"},
    {ROLE_HUB, "khai thác viên", "hub"},
    {ROLE_OFFICER, "cán bộ một cửa", "officer"},
    {ROLE_SUPERVISOR, "giám sát viên", "supervisor"},
};

static const struct {
    const char *code, *vi, *en;
} holders[] = {
    {"unchanged", "như trước", "as before"},
    {"place", "đơn vị quét", "the unit that scans"},
    {"taker", "người nhận bàn giao", "whoever takes it"},
    {"bag", "túi", "the bag"},
    {"carrier", "chuyến thư hoặc người vận chuyển", "the trip or the carrier"},
    {"consignee", "người nhận hoặc cơ quan", "the addressee or the agency"},
    {"authority", "cơ quan có thẩm quyền", "the authority"},
};

static const json_t *kind_of(const json_t *words, const char *code)
{
    size_t i;
    const json_t *kind;
    json_array_foreach(json_object_get(words, "kinds"), i, kind)
    {
        if (strcmp(json_text(kind, "code"), code) == 0)
            return kind;
    }
    return NULL;
}

static const json_t *state_of(const json_t *words, const char *what, const char *code)
{
    size_t i;
    const json_t *state;
    json_array_foreach(json_object_get(words, "states"), i, state)
    {
        if (strcmp(json_text(state, "what"), what) == 0 &&
            strcmp(json_text(state, "code"), code) == 0)
            return state;
    }
    return NULL;
}

static void cell(struct buf *out, const char *text)
{
    buf_text(out, "<td>");
    buf_html(out, text ? text : "");
}

static void cell_roles(struct buf *out, int64_t bits, bool english)
{
    const char *between = "<td>";
    for (size_t i = 0; i < countof(roles); i++) {
        if (!(bits & roles[i].bit))
            continue;
        buf_printf(out, "%s%s", between, english ? roles[i].en : roles[i].vi);
        between = ", ";
    }
}

static void cell_holder(struct buf *out, const char *code, bool english)
{
    for (size_t i = 0; i < countof(holders); i++) {
        if (strcmp(holders[i].code, code) == 0)
            cell(out, english ? holders[i].en : holders[i].vi);
    }
}

static void step_row(struct buf *out, const json_t *words, const json_t *step, bool english)
{
    const char *name = english ? "name_en" : "name", *what = json_text(step, "what");
    const json_t *kind = kind_of(words, json_text(step, "kind"));
    buf_text(out, "<tr>");
    cell(out, json_text(state_of(words, what, json_text(step, "from")), name));
    cell(out, json_text(kind, name));
    if (json_bool(step, "signed"))
        cell(out, english ? "both sides, signing a hand-over" : "hai bên, ký biên bản giao nhận");
    else
        cell_roles(out, json_int(kind, "roles", 0), english);
    cell(out, json_text(state_of(words, what, json_text(step, "to")), name));
    cell_holder(out, json_text(step, "holder"), english);
    cell(out, json_text(step, english ? "reason_en" : "reason"));
    buf_text(out, "\n");
}

static void table(struct buf *out, const json_t *words, const char *what, bool english)
{
    size_t i;
    const json_t *step;
    buf_text(out, english ? "<table><tr><th>From<th>Step<th>Who<th>To<th>Held by then<th>Why\n"
                          : "<table><tr><th>Từ<th>Thao tác<th>Ai<th>Đến<th>Sau đó ai giữ<th>Vì "
                            "sao\n");
    json_array_foreach(json_object_get(words, "transitions"), i, step)
    {
        if (strcmp(json_text(step, "what"), what) == 0)
            step_row(out, words, step, english);
    }
    buf_text(out, "</table>\n");
}

static void diagram(struct buf *out, const json_t *words)
{
    struct buf text = {0};
    diagram_print(&text, words);
    buf_text(out, "<h2>Mermaid</h2>\n<pre>");
    buf_html(out, text.data);
    buf_text(out, "</pre>\n");
    buf_finish(&text);
}

static void vocabulary_come(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    struct buf out = {0};
    bool english = req->lang == LANG_EN;
    size_t len;
    const char *json = r->err == ERR_OK ? db_json(r, 0, 0, &len) : NULL;
    json_t *words = json ? json_loadb(json, len, 0, NULL) : NULL;
    if (!words) {
        reply_problem(req, r->err != ERR_OK ? r->err : ERR_INTERNAL, NULL);
        return;
    }
    page_open(&out, req, english ? "Steps of shipments and bags" : "Các bước của bưu gửi và túi");
    buf_printf(&out, "<h2>%s</h2>\n", english ? "Shipments" : "Bưu gửi");
    table(&out, words, "shipment", english);
    buf_printf(&out, "<h2>%s</h2>\n", english ? "Bags" : "Túi");
    table(&out, words, "container", english);
    diagram(&out, words);
    json_decref(words);
    page_reply(&out, req, 200);
}

static void diagram_get(struct request *req)
{
    custody_vocabulary(req->app->db, vocabulary_come, req);
}

const struct route diagram_routes[] = {
    {.method = HTTP_GET,
     .path = "/docs/custody",
     .roles = ROUTE_PUBLIC,
     .handle = diagram_get,
     .text_vi = "Bảng các bước được phép của bưu gửi và túi, và sơ đồ của chúng.",
     .text_en = "The table of allowed steps of shipments and bags, and its diagram."},
    {0}};
