#include "base/buf.h"
#include "base/log.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/label.h"

struct drawing {
    struct request *req;
    struct label_paper paper;
    struct buf out;
    bool ok;
    struct label_fault fault;
};

static void sheet_draw(void *arg)
{
    struct drawing *drawing = arg;
    drawing->ok = sheet_render(label_sheet(drawing->paper.name), drawing->paper.sheet,
                               &drawing->out, &drawing->fault);
}

static void sheet_drawn(void *arg)
{
    struct drawing *drawing = arg;
    struct request *req = drawing->req;
    struct buf out = drawing->out;
    json_decref(drawing->paper.facts);
    if (!drawing->ok) {
        log_error("label", req->subject, "paper %s: %s", drawing->paper.name, drawing->fault.text);
        reply_problem(req, ERR_INTERNAL, NULL);
    } else {
        reply_header(req, "Cache-Control", "no-store");
        reply_header(req, "Content-Disposition",
                     arena_printf(&req->arena, "inline; filename=\"%s.pdf\"", drawing->paper.file));
        reply_bytes(req, 200, "application/pdf", out.data, out.len);
    }
    buf_finish(&out);
}

void label_paper_reply(struct request *req, const struct label_paper *paper)
{
    struct drawing *drawing = arena_alloc(&req->arena, sizeof *drawing);
    *drawing = (struct drawing){.req = req, .paper = *paper};
    if (!work_submit(req->app->crew, &req->app->loop, sheet_draw, sheet_drawn, drawing)) {
        json_decref(paper->facts);
        reply_problem(req, ERR_BUSY, NULL);
    }
}
