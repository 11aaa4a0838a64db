#include <string.h>

#include "custody/canon.h"
#include "custody/custody.h"
#include "custody/integrity_db.h"
#include "custody/integrity_http.h"
#include "http/respond.h"
#include "http/server.h"

// The evidence bundle: events of a dossier with an inclusion proof each, under one checkpoint.
// custody/bundle.c checks it. The database is asked twice: for the events, then for the tree.

enum { TILES_MAX = 1024 }; // 16 MiB

struct bundle_made {
    struct request *req;
    json_t *json;
    struct checkpoint checkpoint;
    struct tiles tiles;
};

static void events_come(void *arg, const struct db_result *r);
static void tree_come(void *arg, const struct db_result *r);

void evidence_get(struct request *req)
{
    struct bundle_made *made = arena_alloc(&req->arena, sizeof *made);
    made->req = req;
    made->tiles.arena = &req->arena;
    dossier_evidence(req->app->db, &req->who, req->params[0],
                     (uint64_t)json_int(req->args, "size", 0), events_come, made);
}

// Gives every event its proof; the first time round only the tiles are planned.
static bool prove_all(struct bundle_made *made)
{
    size_t i, k;
    json_t *subject, *event;
    struct merkle_proof proof;
    json_array_foreach(json_object_get(made->json, "subjects"), i, subject)
    {
        json_array_foreach(json_object_get(subject, "events"), k, event)
        {
            uint64_t index = (uint64_t)json_int(event, "position", 0) - 1;
            if (!merkle_prove_inclusion(tiles_source, &made->tiles, index, made->checkpoint.size,
                                        &proof) ||
                made->tiles.count > TILES_MAX)
                return false;
            json_object_set_new(event, "proof", proof_json(&proof));
        }
    }
    return true;
}

// What was sealed beside an event, where the asker may read it, in the clear.
static void open_all(struct bundle_made *made)
{
    size_t i, k;
    json_t *subject, *event;
    json_array_foreach(json_object_get(made->json, "subjects"), i, subject)
    {
        json_array_foreach(json_object_get(subject, "events"), k, event)
        {
            json_t *payload = json_object_get(event, "payload");
            if (payload)
                json_object_set_new(event, "payload",
                                    custody_payload_open(&made->req->arena, payload));
        }
    }
}

static json_t *key_json(const struct checkpoint *c)
{
    char key[KEY_TEXT];
    key_write(c->key, key);
    return json_pack("{s:s, s:s, s:s}", "kty", "OKP", "crv", "Ed25519", "x", key);
}

static void give_up(struct bundle_made *made)
{
    json_decref(made->json);
    reply_problem(made->req, ERR_INTERNAL, NULL);
}

static void events_come(void *arg, const struct db_result *r)
{
    struct bundle_made *made = arg;
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(made->req, r->err, r->detail);
        return;
    }
    if (r->rows != 1 || !checkpoint_row(r, 1, &made->checkpoint)) {
        reply_problem(made->req, ERR_NOT_FOUND, NULL);
        return;
    }
    const char *subjects = db_json(r, 0, 7, &len);
    made->json =
        json_pack("{s:s, s:s, s:o, s:o, s:o}", "format", "dossierpost evidence 1", "code",
                  db_text(r, 0, 0), "checkpoint", checkpoint_json(&made->checkpoint), "public_key",
                  key_json(&made->checkpoint), "subjects", json_loadb(subjects, len, 0, NULL));
    open_all(made);
    if (!made->json || !prove_all(made))
        give_up(made);
    else
        log_tiles(made->req->app->db, &made->tiles, tree_come, made);
}

static void tree_come(void *arg, const struct db_result *r)
{
    struct bundle_made *made = arg;
    if (r->err != ERR_OK) {
        json_decref(made->json);
        reply_problem_raised(made->req, r->err, r->detail);
    } else if (!tiles_come(&made->tiles, r) || !prove_all(made)) {
        give_up(made);
    } else {
        reply_json(made->req, 200, made->json);
    }
}
