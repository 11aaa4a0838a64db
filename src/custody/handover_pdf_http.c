#include <ctype.h>
#include <string.h>

#include "account/account.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/log.h"
#include "custody/custody_db.h"
#include "custody/custody_http.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/label.h"

static void paper_loaded(void *arg, const struct db_result *r);

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
    struct label_links links;
    const char *url = request_url(req, "");
    json_t *list = row.json ? json_loadb(row.json, row.len, 0, NULL) : NULL;
    if (!list) {
        reply_row(req, 200, row);
        return;
    }
    label_links_make(&links, url);
    struct label_source source = {.links = &links, .demo = conf.demo, .url = url};
    const struct sheet *sheet = handover_paper(&req->arena, list, &source);
    const char *file = arena_printf(&req->arena, "bien-ban-%s", json_text(list, "id"));
    label_paper_reply(req, &(struct label_paper){"handover_list", file, sheet, list});
}

// --- the one code on the giver's screen ----------------------------------------------------------

static void code_loaded(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    struct row_json row = db_row_json(r);
    struct label_links links;
    struct buf out = {0};
    json_t *list = row.json ? json_loadb(row.json, row.len, 0, NULL) : NULL;
    bool open = list && strcmp(json_text(list, "state"), "open") == 0;
    json_decref(list);
    if (!list) {
        reply_row(req, 200, row);
        return;
    }
    if (!open) {
        reply_problem(req, ERR_HANDOVER_SUPERSEDED, NULL);
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

// Read with a telephone's own camera: to where the person signs, with that list open; whoever is
// not logged in comes back here first.
static void code_open(struct request *req)
{
    static const struct desk {
        uint32_t role;
        const char *page;
    } desks[] = {{ROLE_OFFICER, "/agency#sign"},
                 {ROLE_COURIER, "/courier#lists"},
                 {ROLE_HUB, "/hub#lists"},
                 {ROLE_CLERK, "/counter#lists"}};
    const char *page = NULL;
    uint8_t id[UUID_BYTES];
    char *text = arena_strdup(&req->arena, req->params[0]);
    for (char *c = text; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (!uuid_parse(text, id)) {
        reply_problem(req, ERR_NOT_FOUND, NULL);
        return;
    }
    for (size_t i = 0; i < countof(desks); i++)
        page = req->who.roles & desks[i].role ? desks[i].page : page;
    reply_redirect(req, 303,
                   page               ? arena_printf(&req->arena, "%s/%s", page, text)
                   : req->who.account ? "/"
                                      : arena_printf(&req->arena, "/login?next=/g/%s", text));
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
     .text_vi = "Mã QR của biên bản chưa ký trên màn hình bên giao; bên nhận quét để nhận tất cả.",
     .text_en = "The one code of an open list for the giver's screen; scanning it takes all."},
    {.method = HTTP_GET,
     .path = "/g/{id}",
     .roles = ROUTE_PUBLIC,
     .handle = code_open,
     .text_vi = "Liên kết trong mã của biên bản: mở biên bản đó trên trang ký nhận của người quét.",
     .text_en =
         "The link in a list's code: opens it on the page where the scanner's person signs."},
    {.method = HTTP_GET,
     .path = "/G/{id}",
     .roles = ROUTE_PUBLIC,
     .handle = code_open,
     .text_vi = "Như /g/{id}.",
     .text_en = "The same as /g/{id}."},
    {0}};
