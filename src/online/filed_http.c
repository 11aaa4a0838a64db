#include "base/clock.h"
#include "base/json.h"
#include "dossier/dossier.h"
#include "http/respond.h"
#include "http/server.h"
#include "online/draft_http.h"

// What may still be done once a draft was filed, by whoever it belongs to: steps of the dossier, in
// the name of who filed it, and another pick-up.

static const char *const halves[] = {"morning", "afternoon", NULL};

const struct json_field filed_pickup_body[] = {
    {"day", JSON_KIND_TEXT, true, 10, 10, .text = "2026-11-30"},
    {"half", JSON_KIND_ENUM, true, .choices = halves},
    {0},
};

static bool failed(struct request *req, const struct db_result *r)
{
    if (r->err != ERR_OK)
        reply_problem_raised(req, r->err, r->detail);
    return r->err != ERR_OK;
}

static void opened(void *arg, const struct db_result *r);

void filed_action_post(struct request *req)
{
    struct draft_key key;
    if (draft_key_read(req, req->params[0], &key))
        draft_get(req->app->db, &key, opened, req);
}

static void opened(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (failed(req, r))
        return;
    if (!db_bool(r, 0, DRAFT_FILED)) {
        reply_problem(req, ERR_CONFLICT, NULL);
        return;
    }
    draft_become_owner(req, db_int8(r, 0, DRAFT_OWNER));
    dossier_action(req, req->params[0]);
}

static void changed(void *arg, const struct db_result *r);

void filed_pickup_put(struct request *req)
{
    struct json_errors errors = {0};
    struct draft_key key;
    const char *day = json_text(req->body, "day");
    if (!clock_is_date(day)) {
        json_error_add(&errors, "/day", "format", "Ngày có dạng 2026-11-30.",
                       "A day is written 2026-11-30.");
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
        return;
    }
    if (!draft_key_read(req, req->params[0], &key))
        return;
    int32_t version = draft_version_read(req);
    if (version > 0)
        pickup_change(req->app->db, &key, version, day, json_text(req->body, "half"), changed, req);
}

void filed_pickup_delete(struct request *req)
{
    struct draft_key key;
    if (!draft_key_read(req, req->params[0], &key))
        return;
    int32_t version = draft_version_read(req);
    if (version > 0)
        pickup_cancel(req->app->db, &key, version, changed, req);
}

static void changed(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (!failed(req, r))
        draft_reply(req, 200, r, DRAFT_VIEW, NULL);
}
