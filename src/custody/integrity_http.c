#include "custody/integrity_http.h"

#include <inttypes.h>
#include <string.h>

#include "account/account.h"
#include "custody/canon.h"
#include "custody/integrity_db.h"
#include "http/respond.h"
#include "http/server.h"

json_t *proof_json(const struct merkle_proof *proof)
{
    char hex[HASH_TEXT];
    json_t *list = json_array();
    for (int i = 0; i < proof->count; i++) {
        canon_hash_write(proof->list[i], hex);
        json_array_append_new(list, json_string(hex));
    }
    return list;
}

bool tiles_come(struct tiles *tiles, const struct db_result *r)
{
    if (r->err != ERR_OK || r->rows != tiles->count)
        return false;
    for (int i = 0; i < r->rows; i++) {
        int place = db_int4(r, i, 0) - 1;
        if (place < 0 || place >= tiles->count ||
            !tile_fill(tiles, place, db_text(r, i, 1), db_len(r, i, 1)))
            return false;
    }
    return true;
}

// --- checkpoints ---------------------------------------------------------------------------------

static void checkpoint_done(void *arg, const struct db_result *r);

static void checkpoint_http_get(struct request *req)
{
    checkpoint_get(req->app->db, (uint64_t)json_int(req->args, "size", 0), checkpoint_done, req);
}

static void checkpoint_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    struct checkpoint c;
    if (r->err != ERR_OK)
        reply_problem_raised(req, r->err, r->detail);
    else if (r->rows != 1 || !checkpoint_row(r, 0, &c))
        reply_problem(req, ERR_NOT_FOUND, NULL);
    else
        reply_json(req, 200, checkpoint_json(&c));
}

// --- proofs: the checkpoint, then the tiles of the tree ------------------------------------------

struct asked {
    struct request *req;
    uint64_t position, from, to; // position 0: consistency
    struct checkpoint checkpoint;
    struct tiles tiles;
    struct merkle_proof proof;
};

static void head_done(void *arg, const struct db_result *r);
static void event_done(void *arg, const struct db_result *r);
static void proof_done(void *arg, const struct db_result *r);

static void wrong_question(struct request *req)
{
    static const struct json_errors errors = {
        1,
        {{"", "required", "Cần position, hoặc subject và event, hoặc from (và to).",
          "Ask by position, by subject and event, or by from (and to)."}}};
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
}

static void proof_get(struct request *req)
{
    struct asked *asked = arena_alloc(&req->arena, sizeof *asked);
    const char *subject = json_text(req->args, "subject"), *event = json_text(req->args, "event");
    uint64_t size = (uint64_t)json_int(req->args, "size", 0);
    uint8_t id[UUID_BYTES];
    asked->req = req;
    asked->tiles.arena = &req->arena;
    asked->position = (uint64_t)json_int(req->args, "position", 0);
    asked->from = (uint64_t)json_int(req->args, "from", 0);
    asked->to = (uint64_t)json_int(req->args, "to", 0);
    int ways = (asked->position != 0) + (subject && event) + (asked->from != 0);
    if (ways != 1 || !subject != !event || (asked->to && !asked->from) || (size && asked->from))
        wrong_question(req);
    else if (subject && uuid_parse(event, id))
        proof_of_event(req->app->db, subject, id, size, event_done, asked);
    else
        checkpoint_get(req->app->db, size, head_done, asked);
}

static bool prove(struct asked *asked)
{
    return asked->from ? merkle_prove_consistency(tiles_source, &asked->tiles, asked->from,
                                                  asked->to, &asked->proof)
                       : merkle_prove_inclusion(tiles_source, &asked->tiles, asked->position - 1,
                                                asked->checkpoint.size, &asked->proof);
}

static void proof_begin(struct asked *asked, const struct db_result *r, int col)
{
    struct request *req = asked->req;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    bool known = r->rows == 1 && checkpoint_row(r, col, &asked->checkpoint);
    uint64_t size = known ? asked->checkpoint.size : 0;
    if (asked->from && !asked->to)
        asked->to = size;
    bool covered = asked->from ? asked->from <= asked->to && asked->to <= size
                               : asked->position > 0 && asked->position <= size;
    if (!known || !covered) {
        reply_problem(req, ERR_NOT_FOUND,
                      "No checkpoint covers it, or not yet; the last one is of size %" PRIu64 ".",
                      size);
        return;
    }
    if (!asked->from) // the leaf itself is told too
        (void)tiles_source(&asked->tiles, 0, asked->position - 1, &asked->proof.list[0]);
    if (!prove(asked))
        reply_problem(req, ERR_INTERNAL, NULL);
    else
        log_tiles(req->app->db, &asked->tiles, proof_done, asked);
}

static void head_done(void *arg, const struct db_result *r)
{
    proof_begin(arg, r, 0);
}

static void event_done(void *arg, const struct db_result *r)
{
    struct asked *asked = arg;
    asked->position = r->err == ERR_OK && r->rows == 1 ? (uint64_t)db_int8(r, 0, 0) : 0;
    proof_begin(asked, r, 1);
}

static void proof_done(void *arg, const struct db_result *r)
{
    struct asked *asked = arg;
    struct request *req = asked->req;
    struct merkle_hash leaf;
    char hex[HASH_TEXT];
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
    } else if (!tiles_come(&asked->tiles, r) || !prove(asked)) {
        reply_problem(req, ERR_INTERNAL, NULL);
    } else if (asked->from) {
        reply_json(req, 200,
                   json_pack("{s:I, s:I, s:o}", "from", (json_int_t)asked->from, "to",
                             (json_int_t)asked->to, "proof", proof_json(&asked->proof)));
    } else if (!tiles_source(&asked->tiles, 0, asked->position - 1, &leaf)) {
        reply_problem(req, ERR_INTERNAL, NULL);
    } else {
        canon_hash_write(leaf, hex);
        reply_json(req, 200,
                   json_pack("{s:I, s:s, s:o, s:o}", "position", (json_int_t)asked->position,
                             "leaf", hex, "proof", proof_json(&asked->proof), "checkpoint",
                             checkpoint_json(&asked->checkpoint)));
    }
}

// --- routes --------------------------------------------------------------------------------------

static const struct json_field size_query[] = {
    {"size", JSON_KIND_INT, false, 1, INT64_MAX,
     .text = "The checkpoint of that size; else the last"},
    {0},
};

static const struct json_field proof_query[] = {
    {"position", JSON_KIND_INT, false, 1, INT64_MAX, .text = "Position in the log"},
    {"subject", JSON_KIND_TEXT, false, 1, 40, .text = "Shipment, container or dossier id"},
    {"event", JSON_KIND_UUID, .text = "Id of an event of the subject"},
    {"size", JSON_KIND_INT, false, 1, INT64_MAX, .text = "The checkpoint to prove it under"},
    {"from", JSON_KIND_INT, false, 1, INT64_MAX, .text = "Consistency: size of the older tree"},
    {"to", JSON_KIND_INT, false, 1, INT64_MAX, .text = "Size of the newer; else the last"},
    {0},
};

const struct route integrity_routes[] = {
    {HTTP_GET, "/v1/integrity/checkpoint", ROUTE_PUBLIC, checkpoint_http_get, .query = size_query,
     .text_vi = "Mốc kiểm tra có chữ ký của nhật ký.",
     .text_en = "A signed checkpoint of the log."},
    {HTTP_GET, "/v1/integrity/proof", ROUTE_PUBLIC, proof_get, .query = proof_query,
     .text_vi = "Bằng chứng một sự kiện nằm trong nhật ký, hoặc hai mốc kiểm tra nhất quán.",
     .text_en = "Proof that an event is in the log, or that one checkpoint continues another."},
    {HTTP_GET, "/v1/dossiers/{code}/evidence", ROLE_STAFF, evidence_get, .query = size_query,
     .text_vi =
         "Hồ sơ bằng chứng: các sự kiện và bằng chứng, kiểm tra được ngoại tuyến; kèm dữ liệu "
         "cá nhân nếu vai trò được xem toàn bộ.",
     .text_en = "Evidence of a dossier's events, to be checked offline; with what is personal for "
                "roles that see all of it."},
    {0},
};
