#include "report/register_csv_http.h"

#include <string.h>

#include "http/respond.h"
#include "http/server.h"
#include "report/report_db.h"

enum { PAGE = 200 };

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static const char head[] = BYTE_ORDER_MARK
    "so_thu_tu,ma_ho_so,ma_thu_tuc,ten_thu_tuc,doi_tuong,nhan_tu,ngay_nhan,ngay_tiep_nhan,"
    "ngay_hen_tra,trang_thai,ngay_ket_thuc,ngay_chuyen_ket_qua,ngay_tra_ket_qua,hinh_thuc_tra,"
    "danh_gia,so_lan_bo_sung,xin_loi,ngay_lam_viec_co_quan,ngay_lam_viec_buu_chinh,ngay_cho,"
    "buu_chinh_danh_gia\r\n";

struct export
{
    struct request *req;
    json_t *args; // with the cursor of the next page
    bool begun, last, waits;
};

static void page_read(void *arg, const struct db_result *r);

static void page_ask(struct export *e)
{
    struct request *req = e->req;
    report_register_lines(req->app->db, &req->who, json_line(&req->arena, e->args, 0), page_read,
                          e);
}

static void end(struct export *e, bool whole)
{
    json_decref(e->args);
    reply_end(e->req, whole);
}

// The client has taken what there was, or has left.
static void room(void *arg)
{
    struct export *e = arg;
    if (!e->waits)
        return;
    e->waits = false;
    if (!e->req->conn)
        end(e, false);
    else if (e->last)
        end(e, true);
    else
        page_ask(e);
}

static void begin(struct export *e)
{
    struct request *req = e->req;
    e->begun = true;
    reply_header(req, "Content-Disposition", "attachment; filename=\"so-theo-doi-ho-so.csv\"");
    reply_header(req, "Cache-Control", "private, no-store");
    reply_begin(req, 200, "text/csv; charset=utf-8", room, e);
}

static void go_on(struct export *e, enum reply_flow flow)
{
    e->waits = flow == REPLY_WAIT;
    if (flow == REPLY_GONE)
        end(e, false);
    else if (flow == REPLY_GO_ON && e->last)
        end(e, true);
    else if (flow == REPLY_GO_ON)
        page_ask(e);
}

static void page_read(void *arg, const struct db_result *r)
{
    struct export *e = arg;
    struct arena arena;
    if (r->err != ERR_OK && e->begun) {
        end(e, false);
        return;
    }
    if (r->err != ERR_OK) {
        json_decref(e->args);
        reply_problem_raised(e->req, r->err, r->detail);
        return;
    }
    bool first = !e->begun;
    if (first)
        begin(e);
    e->last = db_is_null(r, 0, 1);
    if (!e->last)
        json_object_set_new(e->args, "next", json_string(db_text(r, 0, 1)));
    arena_init(&arena);
    const char *text = arena_printf(&arena, "%s%s", first ? head : "", db_text(r, 0, 0));
    enum reply_flow flow = reply_part(e->req, text, strlen(text));
    arena_finish(&arena);
    go_on(e, flow);
}

void register_csv_get(struct request *req)
{
    struct export *e = arena_alloc(&req->arena, sizeof *e);
    *e = (struct export){.req = req, .args = json_copy(req->args)};
    if (!e->args)
        e->args = json_object();
    json_object_set_new(e->args, "limit", json_integer(PAGE));
    page_ask(e);
}
