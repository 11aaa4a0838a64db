#include "attachment/attachment.h"
#include "http/respond.h"
#include "http/server.h"
#include "online/draft_http.h"

// Files of a draft: the draft says whose they are, attachment/ does the rest in that one's name.

static bool failed(struct request *req, const struct db_result *r)
{
    if (r->err != ERR_OK)
        reply_problem_raised(req, r->err, r->detail);
    return r->err != ERR_OK;
}

// --- a part comes --------------------------------------------------------------------------------

static void part_taken(void *arg, const struct db_result *r);

void file_post(struct request *req)
{
    struct draft_key key;
    if (draft_key_read(req, req->params[0], &key))
        draft_take_part(req->app->db, &key, req->peer, part_taken, req);
}

static void part_taken(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (failed(req, r) || draft_must_wait(req, db_int4(r, 0, PART_RETRY_AFTER)))
        return;
    draft_become_owner(req, db_int8(r, 0, PART_OWNER));
    attachment_draft_put(req, req->params[0],
                         arena_strdup(&req->arena, db_text(r, 0, PART_PROCEDURE)));
}

// --- one is read or removed ----------------------------------------------------------------------

typedef void file_go(struct request *req, const char *file);

struct file_wish {
    struct request *req;
    file_go *go;
};

static void opened(void *arg, const struct db_result *r);

static void open_for(struct request *req, file_go *go)
{
    struct file_wish *wish = arena_alloc(&req->arena, sizeof *wish);
    struct draft_key key;
    *wish = (struct file_wish){req, go};
    if (draft_key_read(req, req->params[0], &key))
        draft_get(req->app->db, &key, opened, wish);
}

static void opened(void *arg, const struct db_result *r)
{
    struct file_wish *wish = arg;
    if (failed(wish->req, r))
        return;
    if (db_bool(r, 0, DRAFT_FILED)) {
        reply_problem(wish->req, ERR_CONFLICT, NULL);
        return;
    }
    draft_become_owner(wish->req, db_int8(r, 0, DRAFT_OWNER));
    wish->go(wish->req, wish->req->params[1]);
}

void file_get(struct request *req)
{
    open_for(req, attachment_draft_get);
}

void file_delete(struct request *req)
{
    open_for(req, attachment_draft_drop);
}
