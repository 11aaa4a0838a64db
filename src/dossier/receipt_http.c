#include "dossier/receipt_http.h"

#include <string.h>

#include "dossier/receipt_code.h"
#include "dossier/unlock_db.h"
#include "http/respond.h"
#include "http/server.h"

// The issue counts in the database and its hash is made here, so it is asked for first; of two
// clerks at the same moment one is told of a conflict.

struct renewing {
    struct request *req;
    struct receipt_renewal r;
};

static void next_read(void *arg, const struct db_result *r);
static void renewed(void *arg, const struct db_result *r);

void receipt_post(struct request *req)
{
    struct renewing *w = arena_alloc(&req->arena, sizeof *w);
    *w = (struct renewing){.req = req};
    enum err err = request_idempotency_key(req, &w->r.idem);
    if (err != ERR_OK) {
        reply_problem(req, err, NULL);
        return;
    }
    seal_digest(req->path, strlen(req->path), w->r.digest);
    receipt_next(req->app->db, &req->who, req->params[0], next_read, w);
}

static json_t *read_json(struct request *req, const struct db_result *r)
{
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return NULL;
    }
    const char *text = db_json(r, 0, 0, &len);
    return json_loadb(text, len, 0, NULL);
}

static void next_read(void *arg, const struct db_result *r)
{
    struct renewing *w = arg;
    json_t *next = read_json(w->req, r);
    if (!next)
        return;
    bool good = uuid_parse(json_text(next, "id"), w->r.dossier);
    w->r.issue = (int32_t)json_int(next, "issue", 0);
    json_decref(next);
    if (!good) {
        reply_problem(w->req, ERR_INTERNAL, NULL);
        return;
    }
    receipt_code_hash_of(w->r.dossier, w->r.issue, w->r.hash);
    receipt_renew(w->req->app->db, &w->req->who, &w->r, renewed, w);
}

static void renewed(void *arg, const struct db_result *r)
{
    struct renewing *w = arg;
    json_t *reply = read_json(w->req, r);
    if (!reply)
        return;
    receipt_code_show(&w->req->arena, reply);
    json_object_del(reply, "id");
    reply_json(w->req, 201, reply);
}
