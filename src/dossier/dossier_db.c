#include "dossier/dossier_db.h"

#include <string.h>

static const struct db_stmt intake_stmt = {"dossier.intake",
                                           "select dossier.intake($1::int8, $2::int8, $3::int4, "
                                           "$4::jsonb, $5::bytea, $6::bytea, $7::bytea,"
                                           " $8::bytea, $9::bytea, $10::bytea)",
                                           true};

static const struct db_stmt act_stmt = {
    "dossier.act",
    "select dossier.act($1::int8, $2::int8, $3::int4, $4::text, $5::text, $6::jsonb, $7::int4,"
    " $8::text, $9::bytea)",
    true};

static const struct db_stmt correct_stmt = {
    "dossier.correct",
    "select dossier.correct($1::int8, $2::int8, $3::int4, $4::text, $5::jsonb, $6::bytea, "
    "$7::bytea,"
    " $8::bytea, $9::bytea, $10::int4, $11::text, $12::bytea)",
    true};

static const struct db_stmt split_stmt = {
    "dossier.split",
    "select dossier.split($1::int8, $2::int8, $3::int4, $4::text, $5::jsonb, $6::bytea, "
    "$7::bytea,"
    " $8::bytea, $9::bytea, $10::int4, $11::bytea, $12::bytea)",
    true};

static const struct db_stmt group_stmt = {
    "dossier.group",
    "select dossier.group($1::int8, $2::int8, $3::int4, $4::text, $5::text, $6::int4, $7::int4,"
    " $8::text, $9::bytea)",
    true};

static const struct db_stmt pieces_stmt = {
    "dossier.pieces",
    "select dossier.pieces($1::int8, $2::int8, $3::int4, $4::text, $5::int4, $6::int4[], $7::int4,"
    " $8::text, $9::bytea)",
    true};

static const struct db_stmt get_stmt = {
    "dossier.get", "select * from dossier.get($4::text, $1::int8, $2::int8, $3::int4)", true};

static const struct db_stmt note_stmt = {
    "dossier.dispatch_note",
    "select facts, sealed, key from dossier.dispatch_note($4::text, $1::int8, $2::int8, $3::int4)",
    true};

static const struct db_stmt list_stmt = {
    "dossier.list", "select dossier.list($1::int8, $2::int8, $3::int4, $4::jsonb)", false};

static const struct db_stmt events_stmt = {
    "dossier.events", "select dossier.events($4::text, $1::int8, $2::int8, $3::int4)", true};

static const struct db_stmt as_of_stmt = {
    "dossier.as_of",
    "select dossier.as_of($4::text, $5::timestamptz, $1::int8, $2::int8, $3::int4)", true};

static const struct db_stmt inbox_stmt = {
    "dossier.inbox", "select dossier.inbox($1::int8, $2::int8, $3::int4, $4::jsonb)", false};

static const struct db_stmt ask_stmt = {
    "dossier.ask_agency",
    "select dossier.ask_agency($1::int8, $2::int8, $3::int4, $4::text, $5::jsonb, $6::int4,"
    " $7::text, $8::bytea)",
    true};

static const struct db_stmt end_question_stmt = {
    "dossier.end_question",
    "select dossier.end_question($1::int8, $2::int8, $3::int4, $4::text, $9::uuid, $5::jsonb,"
    " $6::int4, $7::text, $8::bytea)",
    true};

static void add_who(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->account);
    db_add_int8(p, who->unit);
    db_add_int4(p, (int32_t)who->roles);
}

// 0: any version.
static void add_version(struct db_params *p, int32_t version)
{
    if (version)
        db_add_int4(p, version);
    else
        db_add_null(p);
}

static void add_sealed(struct db_params *p, const struct sealed *personal)
{
    db_add_bytea(p, personal->data, personal->len);
    db_add_bytea(p, personal->key, sizeof personal->key);
    db_add_bytea(p, personal->salt, sizeof personal->salt);
    db_add_bytea(p, personal->mac, sizeof personal->mac);
}

void dossier_intake(struct db *db, const struct principal *who, const char *body,
                    const struct sealed *personal, const uint8_t digest[SEAL_DIGEST_BYTES],
                    const uint8_t receipt[SEAL_DIGEST_BYTES], db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_json(&p, body, strlen(body));
    add_sealed(&p, personal);
    db_add_bytea(&p, digest, SEAL_DIGEST_BYTES);
    db_add_bytea(&p, receipt, SEAL_DIGEST_BYTES);
    db_call(db, &intake_stmt, &p, done, arg);
}

void dossier_act(struct db *db, const struct principal *who, const struct dossier_step *step,
                 db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, step->key);
    db_add_text(&p, step->action);
    db_add_json(&p, step->body, strlen(step->body));
    add_version(&p, step->if_match);
    db_add_text(&p, step->idem);
    db_add_bytea(&p, step->digest, sizeof step->digest);
    db_call(db, &act_stmt, &p, done, arg);
}

void dossier_correct(struct db *db, const struct principal *who, const struct dossier_correction *c,
                     db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, c->key);
    db_add_json(&p, c->body, strlen(c->body));
    add_sealed(&p, &c->personal);
    db_add_int4(&p, c->version);
    db_add_text(&p, c->idem);
    db_add_bytea(&p, c->digest, sizeof c->digest);
    db_call(db, &correct_stmt, &p, done, arg);
}

void dossier_split(struct db *db, const struct principal *who, const struct dossier_split *split,
                   db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, split->key);
    db_add_json(&p, split->body, strlen(split->body));
    add_sealed(&p, &split->personal);
    add_version(&p, split->version);
    db_add_bytea(&p, split->digest, sizeof split->digest);
    db_add_bytea(&p, split->receipt, sizeof split->receipt);
    db_call(db, &split_stmt, &p, done, arg);
}

void dossier_group(struct db *db, const struct principal *who, const struct dossier_group *group,
                   db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, group->key);
    db_add_text(&p, group->other);
    add_version(&p, group->version);
    add_version(&p, group->other_version);
    db_add_text(&p, group->idem);
    db_add_bytea(&p, group->digest, sizeof group->digest);
    db_call(db, &group_stmt, &p, done, arg);
}

void dossier_pieces(struct db *db, const struct principal *who, const struct dossier_pieces *pieces,
                    db_done *done, void *arg)
{
    struct db_params p = {0};
    size_t i;
    const json_t *grams;
    add_who(&p, who);
    db_add_text(&p, pieces->key);
    db_add_int4(&p, pieces->pieces);
    if (pieces->weights) {
        db_array_open(&p, DB_ARRAY_INT4, (int)json_array_size(pieces->weights));
        json_array_foreach(pieces->weights, i, grams) db_array_int(&p, json_integer_value(grams));
        db_array_close(&p);
    } else {
        db_add_null(&p);
    }
    add_version(&p, pieces->if_match);
    db_add_text(&p, pieces->idem);
    db_add_bytea(&p, pieces->digest, sizeof pieces->digest);
    db_call(db, &pieces_stmt, &p, done, arg);
}

static void call_with_key(struct db *db, const struct db_stmt *stmt, const struct principal *who,
                          const char *key, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, key);
    db_call(db, stmt, &p, done, arg);
}

void dossier_get(struct db *db, const struct principal *who, const char *key, db_done *done,
                 void *arg)
{
    call_with_key(db, &get_stmt, who, key, done, arg);
}

void dossier_note(struct db *db, const struct principal *who, const char *key, db_done *done,
                  void *arg)
{
    call_with_key(db, &note_stmt, who, key, done, arg);
}

void dossier_events(struct db *db, const struct principal *who, const char *key, db_done *done,
                    void *arg)
{
    call_with_key(db, &events_stmt, who, key, done, arg);
}

void dossier_as_of(struct db *db, const struct principal *who, const char *key, int64_t at,
                   db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, key);
    db_add_time(&p, at);
    db_call(db, &as_of_stmt, &p, done, arg);
}

void dossier_list(struct db *db, const struct principal *who, const char *args, db_done *done,
                  void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_json(&p, args, strlen(args));
    db_call(db, &list_stmt, &p, done, arg);
}

void dossier_inbox(struct db *db, const struct principal *who, const char *args, db_done *done,
                   void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_json(&p, args, strlen(args));
    db_call(db, &inbox_stmt, &p, done, arg);
}

void dossier_question(struct db *db, const struct principal *who, const struct dossier_question *q,
                      db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, q->key);
    db_add_json(&p, q->body, strlen(q->body));
    add_version(&p, q->if_match);
    db_add_text(&p, q->idem);
    db_add_bytea(&p, q->digest, sizeof q->digest);
    if (q->id)
        db_add_uuid(&p, q->id);
    db_call(db, q->id ? &end_question_stmt : &ask_stmt, &p, done, arg);
}
