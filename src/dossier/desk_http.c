#include "dossier/desk_http.h"

#include "account/account.h"
#include "dossier/dossier_db.h"
#include "dossier/dossier_http.h"
#include "http/respond.h"

enum { LIMIT_MAX = 500, TEXT_MAX = 2000, TIME_MAX = 365 };

static const char *const groups[] = {"due",     "overdue",   "today",     "soon",
                                     "accept",  "receive",   "asked",     "asking",
                                     "waiting", "hand_over", "came_back", NULL};

const struct json_field inbox_query[] = {
    {"group", JSON_KIND_ENUM, .choices = groups, .text = "Which list; due when absent"},
    {"agency", JSON_KIND_TEXT, false, 2, 20, .text = "Whose desk, for supervisors"},
    {"counts", JSON_KIND_BOOL, .text = "Also how many are on each list, counted up to 100"},
    {"limit", JSON_KIND_INT, false, 1, LIMIT_MAX},
    {"next", JSON_KIND_TEXT, false, 1, 64, .text = "Where the page before ended"},
    {0},
};

static void inbox_done(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

void inbox_get(struct request *req)
{
    dossier_inbox(req->app->db, &req->who, json_line(&req->arena, req->args, 0), inbox_done, req);
}

// --- questions -----------------------------------------------------------------------------------

static const char *const units[] = {"working_day", "working_hour", NULL};
static const char *const answers[] = {"agreed", "refused", "informed", NULL};

const struct json_field question_body[] = {
    {"id", JSON_KIND_UUID, true, .text = "Made by the client; the same again is never done twice"},
    {"agency", JSON_KIND_TEXT, true, 2, 20, .text = "Code of the agency that is asked"},
    {"what", JSON_KIND_LINES, true, 1, TEXT_MAX, .text = "What is asked"},
    {"time", JSON_KIND_INT, true, 1, TIME_MAX, .text = "Within how much working time"},
    {"time_unit", JSON_KIND_ENUM, true, .choices = units},
    {0},
};

const struct json_field answer_body[] = {
    {"answer", JSON_KIND_ENUM, true, .choices = answers},
    {"reply", JSON_KIND_LINES, true, 1, TEXT_MAX, .text = "The answer in words"},
    {0},
};

const struct json_field end_body[] = {
    {"reason", JSON_KIND_LINES, true, 1, TEXT_MAX, .text = "Why it is not needed any more"},
    {0},
};

static void ask_made(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (r->err != ERR_OK)
        reply_problem_raised(req, r->err, r->detail);
    else
        reply_view(req, 201, view_of(req, r, 0));
}

static bool question_read(struct request *req, struct dossier_question *q)
{
    *q = (struct dossier_question){.key = req->params[0], .if_match = if_match(req)};
    enum err err = request_idempotency_key(req, &q->idem);
    q->body = json_line(&req->arena, req->body, 0);
    request_digest(req, q->digest);
    if (err != ERR_OK)
        reply_problem(req, err, NULL);
    return err == ERR_OK;
}

void question_post(struct request *req)
{
    struct dossier_question q;
    if (question_read(req, &q))
        dossier_question(req->app->db, &req->who, &q, ask_made, req);
}

static void question_over(struct request *req)
{
    struct dossier_question q;
    uint8_t id[UUID_BYTES];
    if (!uuid_parse(req->params[1], id)) {
        reply_problem(req, ERR_NOT_FOUND, NULL);
        return;
    }
    if (!question_read(req, &q))
        return;
    q.id = id;
    dossier_question(req->app->db, &req->who, &q, dossier_written, req);
}

void answer_post(struct request *req)
{
    question_over(req);
}

void question_end_post(struct request *req)
{
    question_over(req);
}
