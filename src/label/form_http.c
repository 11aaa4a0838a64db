#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/label.h"

// A form from the making of its document to its PDF, all of it on the crew.
struct making {
    struct request *req;
    label_form_make *make;
    void *arg;
    struct label_links links;
    struct label_source source;
    struct arena arena; // the crew's
    json_t *document;
    const char *file;
    struct buf out;
    bool ok;
    struct label_fault fault;
};

static void form_draw(struct making *m)
{
    const char *name = json_text(m->document, "template");
    const struct label_template *t = name ? label_template_named(name, &form_words) : NULL;
    m->file = json_text(m->document, "file");
    if (!t || !m->file) {
        label_fault_set(&m->fault, 0, "there is no template %s", name ? name : "");
        return;
    }
    const struct sheet *sheet = form_lay(&m->arena, t, m->document, &m->source);
    m->ok = sheet_render(t, sheet, &m->out, &m->fault);
}

static void form_job(void *arg)
{
    struct making *m = arg;
    arena_init(&m->arena);
    m->document = m->make(&m->arena, m->arg);
    if (m->document)
        form_draw(m);
    else
        label_fault_set(&m->fault, 0, "its document cannot be made");
}

static void form_done(void *arg)
{
    struct making *m = arg;
    struct request *req = m->req;
    struct buf out = m->out;
    const char *file = m->file ? arena_strdup(&req->arena, m->file) : "";
    json_decref(m->document);
    arena_finish(&m->arena);
    if (!m->ok) {
        log_error("label", req->subject, "form %s: %s", file, m->fault.text);
        reply_problem(req, ERR_INTERNAL, NULL);
    } else {
        reply_header(req, "Cache-Control", "no-store");
        reply_header(req, "Content-Disposition",
                     arena_printf(&req->arena, "inline; filename=\"%s.pdf\"", file));
        reply_bytes(req, 200, "application/pdf", out.data, out.len);
    }
    buf_finish(&out);
}

void label_form_reply(struct request *req, label_form_make *make, void *arg)
{
    struct making *m = arena_alloc(&req->arena, sizeof *m);
    *m = (struct making){.req = req, .make = make, .arg = arg};
    const char *url = request_url(req, "");
    label_links_make(&m->links, url);
    m->source = (struct label_source){label_keys(), &m->links, clock_now(), conf.demo, url};
    if (!work_submit(req->app->crew, &req->app->loop, form_job, form_done, m))
        reply_problem(req, ERR_BUSY, NULL);
}
