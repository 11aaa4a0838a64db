#include "dossier/correct_http.h"

#include "account/account.h"
#include "dossier/dossier_db.h"
#include "dossier/dossier_http.h"
#include "dossier/intake_http.h"
#include "dossier/personal.h"
#include "http/respond.h"

const struct json_field correction_body[] = {
    {"applicant", JSON_KIND_OBJECT, .shape = applicant_shape,
     .text = "As it shall be; each member that is given replaces the whole of it"},
    {"proxy", JSON_KIND_OBJECT, .shape = proxy_shape},
    {"documents", JSON_KIND_ARRAY, false, 1, PAPERS_MAX, .item = &document_item},
    {"weight_g", JSON_KIND_INT, false, 1, WEIGHT_MAX},
    {"result_to", JSON_KIND_OBJECT, .shape = result_shape},
    {"note", JSON_KIND_LINES, false, 0, NOTE_MAX},
    {0},
};

// What was sealed is opened here and nowhere else, so a correction is a reading and then a writing
// of the version that was read.
static void old_done(void *arg, const struct db_result *r);

void correction_post(struct request *req)
{
    struct json_errors errors = {0};
    intake_check_people(req->body, &errors);
    if (errors.count)
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
    else
        dossier_get(req->app->db, &req->who, req->params[0], old_done, req);
}

static bool read_old(struct request *req, const struct db_result *r, struct dossier_correction *c)
{
    if (!dossier_given(req, r))
        return false;
    c->body = personal_correct(&req->arena, req->body, db_text(r, 0, GET_SEALED),
                               db_len(r, 0, GET_SEALED), db_text(r, 0, GET_KEY),
                               db_len(r, 0, GET_KEY), &c->personal);
    if (!c->body)
        dossier_unopened(req, c->key);
    return c->body != NULL;
}

static void old_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    struct dossier_correction c = {.key = req->params[0], .version = if_match(req)};
    if (!read_old(req, r, &c))
        return;
    enum err err = request_idempotency_key(req, &c.idem);
    if (err != ERR_OK) {
        reply_problem(req, err, NULL);
        return;
    }
    if (!c.version)
        c.version = db_int4(r, 0, GET_VERSION);
    request_digest(req, c.digest);
    dossier_correct(req->app->db, &req->who, &c, dossier_written, req);
}
