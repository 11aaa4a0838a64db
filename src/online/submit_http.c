#include <string.h>

#include "custody/custody.h"
#include "http/respond.h"
#include "http/server.h"
#include "online/draft.h"
#include "online/draft_http.h"

// The draft is read and checked, then filed as it was read: whoever changes it meanwhile makes the
// version another, and nothing is filed.

struct submission {
    struct request *req;
    struct draft_key key;
    int32_t version;
};

static void read_done(void *arg, const struct db_result *r);
static void filed(void *arg, const struct db_result *r);

void submit_post(struct request *req)
{
    struct submission *s = arena_alloc(&req->arena, sizeof *s);
    s->req = req;
    if (!draft_key_read(req, req->params[0], &s->key))
        return;
    s->version = draft_version_read(req);
    if (s->version > 0)
        draft_get(req->app->db, &s->key, read_done, s);
}

static void file_it(struct submission *s, const struct db_result *r, json_t *says)
{
    struct request *req = s->req;
    struct json_errors errors = {0};
    struct draft_filing filing;
    char id[UUID_TEXT];
    size_t len;
    const char *text = db_json(r, 0, DRAFT_VIEW, &len);
    json_t *view = json_loadb(text, len, 0, NULL);
    bool seen = json_int(view, "version", 0) == s->version;
    if (seen)
        draft_check(&req->arena, json_object_get(view, "procedure"), says, &errors);
    json_decref(view);
    if (!seen) {
        reply_problem(req, ERR_PRECONDITION_FAILED, NULL);
    } else if (errors.count) {
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
    } else {
        uuid_format(s->key.id, id);
        draft_filing(&req->arena, id, db_text(r, 0, DRAFT_PROCEDURE), says, &filing);
        draft_submit(req->app->db, &s->key, s->version, &filing, filed, s);
    }
}

static void read_done(void *arg, const struct db_result *r)
{
    struct submission *s = arg;
    if (r->err != ERR_OK) {
        reply_problem_raised(s->req, r->err, r->detail);
    } else if (db_bool(r, 0, DRAFT_FILED)) {
        draft_reply(s->req, 200, r, DRAFT_VIEW, NULL);
    } else {
        json_t *says = draft_says(s->req, r);
        if (says)
            file_it(s, r, says);
        json_decref(says);
    }
}

static void filed(void *arg, const struct db_result *r)
{
    struct submission *s = arg;
    if (r->err != ERR_OK) {
        reply_problem_raised(s->req, r->err, r->detail);
        return;
    }
    custody_poke();
    draft_reply(s->req, 201, r, 0, NULL);
}
