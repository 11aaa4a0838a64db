#include "dossier/split_http.h"

#include <string.h>

#include "account/account.h"
#include "dossier/dossier_db.h"
#include "dossier/dossier_http.h"
#include "dossier/intake_http.h"
#include "dossier/personal.h"
#include "dossier/receipt_code.h"
#include "http/respond.h"

enum { CHARGES_MAX = 50, PIECES_MAX = 20, CHARGE_DIGITS = 18 };

static const struct json_field charge_item = {
    .kind = JSON_KIND_TEXT, .least = 1, .greatest = CHARGE_DIGITS};
const struct json_field split_body[] = {
    {"id", JSON_KIND_UUID, true, .text = "Of the new one; the same again is never done twice"},
    {"procedure", JSON_KIND_TEXT, false, 8, 40, .text = "Of the new one; the same when absent"},
    {"agency", JSON_KIND_TEXT, false, 2, 20, .text = "Of the new one; the same when absent"},
    {"documents", JSON_KIND_ARRAY, true, 1, PAPERS_MAX, .item = &document_item,
     .text = "What goes into the new one, by the names that the old one has"},
    {"weight_g", JSON_KIND_INT, true, 1, WEIGHT_MAX, .text = "Of what goes; the old one loses it"},
    {"charges", JSON_KIND_ARRAY, false, 0, CHARGES_MAX, .item = &charge_item,
     .text = "Ids of charges that go along whole; of other postage the share by weight goes"},
    {0},
};

const struct json_field group_body[] = {
    {"other", JSON_KIND_TEXT, true, 1, 64,
     .text = "Code or number of the dossier whose papers come into this one, and which ends"},
    {0},
};

static const struct json_field grams_item = {
    .kind = JSON_KIND_INT, .least = 1, .greatest = WEIGHT_MAX};
const struct json_field pieces_body[] = {
    {"pieces", JSON_KIND_INT, true, 2, PIECES_MAX, .text = "How many there shall be"},
    {"weights_g", JSON_KIND_ARRAY, false, 2, PIECES_MAX, .item = &grams_item,
     .text = "Of each in order; equal shares when absent"},
    {0},
};

// --- split: the people are read, to be sealed for the new one too --------------------------------

static void split_read(void *arg, const struct db_result *r);
static void split_done(void *arg, const struct db_result *r);

// The ids of charges are decimal numbers to us.
static void check_charges(struct request *req, struct json_errors *errors)
{
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(req->body, "charges"), i, item)
    {
        const char *id = json_string_value(item);
        if (id[strspn(id, "0123456789")])
            json_error_add(errors, arena_printf(&req->arena, "/charges/%zu", i), "choice",
                           "Hồ sơ không có khoản thu này.", "The dossier has no such charge.");
    }
}

void split_post(struct request *req)
{
    struct json_errors errors = {0};
    check_charges(req, &errors);
    if (errors.count)
        reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
    else
        dossier_get(req->app->db, &req->who, req->params[0], split_read, req);
}

static void split_read(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    struct dossier_split split = {.key = req->params[0], .version = if_match(req)};
    if (!dossier_given(req, r))
        return;
    if (!personal_copy(&req->arena, db_text(r, 0, GET_SEALED), db_len(r, 0, GET_SEALED),
                       db_text(r, 0, GET_KEY), db_len(r, 0, GET_KEY), &split.personal)) {
        dossier_unopened(req, split.key);
        return;
    }
    split.body = json_line(&req->arena, req->body, 0);
    if (!split.version)
        split.version = db_int4(r, 0, GET_VERSION);
    request_digest(req, split.digest);
    receipt_first(req, split.receipt);
    dossier_split(req->app->db, &req->who, &split, split_done, req);
}

static void split_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    json_t *view = view_of(req, r, 0);
    receipt_code_show(&req->arena, view);
    reply_header(req, "Location",
                 arena_printf(&req->arena, "/v1/dossiers/%s", json_text(view, "code")));
    reply_view(req, 201, view);
}

// --- group: both are read, to see that they are one applicant's ----------------------------------

struct grouping {
    struct request *req;
    json_t *kept; // the personal part of the one that stays
    struct dossier_group group;
};

static void kept_read(void *arg, const struct db_result *r);
static void other_read(void *arg, const struct db_result *r);

void group_post(struct request *req)
{
    struct grouping *g = arena_alloc(&req->arena, sizeof *g);
    g->req = req;
    g->group = (struct dossier_group){
        .key = req->params[0], .other = json_text(req->body, "other"), .version = if_match(req)};
    request_digest(req, g->group.digest);
    enum err err = request_idempotency_key(req, &g->group.idem);
    if (err != ERR_OK)
        reply_problem(req, err, NULL);
    else
        dossier_get(req->app->db, &req->who, g->group.key, kept_read, g);
}

static json_t *people_of(struct request *req, const struct db_result *r)
{
    return personal_open(&req->arena, db_text(r, 0, GET_SEALED), db_len(r, 0, GET_SEALED),
                         db_text(r, 0, GET_KEY), db_len(r, 0, GET_KEY));
}

static void kept_read(void *arg, const struct db_result *r)
{
    struct grouping *g = arg;
    if (!dossier_given(g->req, r))
        return;
    g->kept = people_of(g->req, r);
    if (!g->group.version)
        g->group.version = db_int4(r, 0, GET_VERSION);
    if (g->kept)
        dossier_get(g->req->app->db, &g->req->who, g->group.other, other_read, g);
    else
        dossier_unopened(g->req, g->group.key);
}

static void wrong_other(struct request *req, const char *code, const char *vi, const char *en)
{
    struct json_errors errors = {0};
    json_error_add(&errors, "/other", code, vi, en);
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
}

// After a reply the request and what lies in it are gone.
static void other_read(void *arg, const struct db_result *r)
{
    struct grouping *g = arg;
    struct request *req = g->req;
    bool found = r->err == ERR_OK && !db_is_null(r, 0, GET_SEALED);
    json_t *other = found ? people_of(req, r) : NULL;
    bool opened = other != NULL, same = opened && personal_same(g->kept, other);
    bool covered = same && personal_covers(g->kept, other);
    json_decref(g->kept);
    json_decref(other);
    if (r->err == ERR_NOT_FOUND) {
        wrong_other(req, "unknown", "Không tìm thấy hồ sơ này.", "There is no such dossier.");
    } else if (!dossier_given(req, r)) {
        return;
    } else if (!opened) {
        dossier_unopened(req, g->group.other);
    } else if (!same) {
        wrong_other(req, "choice", "Hai hồ sơ không phải của cùng một người nộp.",
                    "The two are not of one applicant.");
    } else if (!covered) {
        wrong_other(
            req, "choice",
            "Nơi trả kết quả, người nhận thay hoặc ghi chú của hai hồ sơ khác nhau; hãy sửa "
            "cho giống nhau trước khi gộp.",
            "Where the result goes, the proxy or the note of the two differ; correct them "
            "to be the same first.");
    } else {
        g->group.other_version = db_int4(r, 0, GET_VERSION);
        dossier_group(req->app->db, &req->who, &g->group, dossier_written, req);
    }
}

// --- pieces --------------------------------------------------------------------------------------

void pieces_post(struct request *req)
{
    struct dossier_pieces pieces = {.key = req->params[0],
                                    .pieces = (int32_t)json_int(req->body, "pieces", 0),
                                    .weights = json_object_get(req->body, "weights_g"),
                                    .if_match = if_match(req)};
    enum err err = request_idempotency_key(req, &pieces.idem);
    request_digest(req, pieces.digest);
    if (err != ERR_OK)
        reply_problem(req, err, NULL);
    else
        dossier_pieces(req->app->db, &req->who, &pieces, dossier_written, req);
}
