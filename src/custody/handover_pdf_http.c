#include <string.h>

#include "account/account.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/log.h"
#include "custody/custody_db.h"
#include "custody/custody_http.h"
#include "custody/handover_paper.h"
#include "http/respond.h"
#include "http/server.h"

// A hand-over as a paper: read here, drawn by a worker, sent from here.

struct drawing {
    struct request *req;
    json_t *list;
    const struct sheet *sheet;
    struct buf out;
    bool ok;
    struct label_fault fault;
};

static void paper_loaded(void *arg, const struct db_result *r);
static void paper_draw(void *arg);
static void paper_drawn(void *arg);

static void paper_get(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        handover_paper_get(req->app->db, &req->who, id, paper_loaded, req);
}

static void paper_loaded(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    struct row_json row = db_row_json(r);
    struct drawing *drawing = arena_alloc(&req->arena, sizeof *drawing);
    struct label_links links;
    const char *url = request_url(req, "");
    drawing->req = req;
    drawing->list = row.json ? json_loadb(row.json, row.len, 0, NULL) : NULL;
    if (!drawing->list) {
        reply_row(req, 200, row);
        return;
    }
    label_links_make(&links, url);
    struct paper_source source = {&links, url, conf.demo};
    drawing->sheet = handover_paper(&req->arena, drawing->list, &source);
    if (!work_submit(req->app->crew, &req->app->loop, paper_draw, paper_drawn, drawing)) {
        json_decref(drawing->list);
        reply_problem(req, ERR_BUSY, NULL);
    }
}

static void paper_draw(void *arg)
{
    struct drawing *drawing = arg;
    drawing->ok =
        sheet_render(label_sheet("handover_list"), drawing->sheet, &drawing->out, &drawing->fault);
}

static void paper_drawn(void *arg)
{
    struct drawing *drawing = arg;
    struct request *req = drawing->req;
    struct buf out = drawing->out;
    const char *name = arena_printf(&req->arena, "inline; filename=\"bien-ban-%s.pdf\"",
                                    json_text(drawing->list, "id"));
    json_decref(drawing->list);
    if (!drawing->ok) {
        log_error("custody", req->subject, "paper: %s", drawing->fault.text);
        reply_problem(req, ERR_INTERNAL, NULL);
    } else {
        reply_header(req, "Cache-Control", "no-store");
        reply_header(req, "Content-Disposition", name);
        reply_bytes(req, 200, "application/pdf", out.data, out.len);
    }
    buf_finish(&out);
}

// --- the one code on the giver's screen
// -----------------------------------------------------------

static void code_loaded(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    struct row_json row = db_row_json(r);
    struct label_links links;
    struct buf out = {0};
    if (!row.json) {
        reply_row(req, 200, row);
        return;
    }
    label_links_make(&links, request_url(req, ""));
    if (label_qr_svg(handover_code(&req->arena, &links, req->params[0]), &out)) {
        reply_header(req, "Cache-Control", "no-store");
        reply_bytes(req, 200, "image/svg+xml", out.data, out.len);
    } else {
        reply_problem(req, ERR_INTERNAL, NULL);
    }
    buf_finish(&out);
}

static void code_get(struct request *req)
{
    uint8_t id[UUID_BYTES];
    if (request_uuid(req, id))
        handover_get(req->app->db, &req->who, id, code_loaded, req);
}

// Read with a telephone's own camera: to where the person signs.
static void code_open(struct request *req)
{
    static const struct desk {
        uint32_t role;
        const char *page;
    } desks[] = {{ROLE_OFFICER, "/agency#sign"},
                 {ROLE_COURIER, "/courier#lists"},
                 {ROLE_HUB, "/hub#lists"},
                 {ROLE_CLERK, "/counter#lists"}};
    const char *page = req->who.account ? "/" : "/login";
    for (size_t i = 0; i < countof(desks); i++)
        page = req->who.roles & desks[i].role ? desks[i].page : page;
    reply_redirect(req, 303, page);
}

const struct route handover_pdf_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/custody/handovers/{id}.pdf",
     .roles = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER | ROLE_SUPERVISOR,
     .handle = paper_get,
     .text_vi = "Biên bản giao nhận để in: A4, nhiều trang, kèm mốc nhật ký.",
     .text_en = "The hand-over as a paper: A4, of any length, with the log's checkpoint."},
    {.method = HTTP_GET,
     .path = "/v1/custody/handovers/{id}.svg",
     .roles = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER | ROLE_SUPERVISOR,
     .handle = code_get,
     .text_vi = "Mã QR của biên bản trên màn hình bên giao; bên nhận quét để nhận tất cả.",
     .text_en = "The list's one code for the giver's screen; scanning it takes all."},
    {.method = HTTP_GET,
     .path = "/g/{id}",
     .roles = ROUTE_PUBLIC,
     .handle = code_open,
     .text_vi = "Liên kết trong mã của biên bản: mở trang ký nhận của người quét.",
     .text_en = "The link in a list's code: opens the page where the scanner's person signs."},
    {.method = HTTP_GET,
     .path = "/G/{id}",
     .roles = ROUTE_PUBLIC,
     .handle = code_open,
     .text_vi = "Như /g/{id}.",
     .text_en = "The same as /g/{id}."},
    {0}};
