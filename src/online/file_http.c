#include "attachment/attachment.h"
#include "http/respond.h"
#include "http/server.h"
#include "online/draft_http.h"

// Files of a draft: the draft says whose they are, attachment/ does the rest in that one's name.

typedef void file_go(struct request *req, const char *procedure);

struct filing {
    struct request *req;
    file_go *go;
};

static void opened(void *arg, const struct db_result *r);

static void open_for(struct request *req, file_go *go)
{
    struct filing *f = arena_alloc(&req->arena, sizeof *f);
    struct draft_key key;
    *f = (struct filing){req, go};
    if (draft_key_read(req, req->params[0], &key))
        draft_get(req->app->db, &key, opened, f);
}

static void opened(void *arg, const struct db_result *r)
{
    struct filing *f = arg;
    if (r->err != ERR_OK) {
        reply_problem_raised(f->req, r->err, r->detail);
        return;
    }
    if (db_bool(r, 0, DRAFT_FILED)) {
        reply_problem(f->req, ERR_CONFLICT, NULL);
        return;
    }
    draft_become_owner(f->req, r);
    f->go(f->req, arena_strdup(&f->req->arena, db_text(r, 0, DRAFT_PROCEDURE)));
}

static void put(struct request *req, const char *procedure)
{
    attachment_draft_put(req, req->params[0], procedure);
}

static void get(struct request *req, const char *procedure)
{
    (void)procedure;
    attachment_draft_get(req, req->params[1]);
}

static void drop(struct request *req, const char *procedure)
{
    (void)procedure;
    attachment_draft_drop(req, req->params[1]);
}

void file_post(struct request *req)
{
    open_for(req, put);
}

void file_get(struct request *req)
{
    open_for(req, get);
}

void file_delete(struct request *req)
{
    open_for(req, drop);
}
