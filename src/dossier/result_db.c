#include "dossier/result_db.h"

#include <string.h>

static const struct db_stmt next_stmt = {"dossier.result_next",
                                         "select dossier.result_next($1::int8, $2::int8, $3::int4, "
                                         "$4::text, $5::uuid, $6::text, $7::int4,"
                                         " $8::text, $9::bytea)",
                                         true};
static const struct db_stmt put_stmt = {"dossier.result_seal",
                                        "select dossier.result_seal($1::int8, $2::int8, $3::int4, "
                                        "$4::text, $5::uuid, $6::text, $7::int4,"
                                        " $8::text, $9::bytea, $10::jsonb)",
                                        true};
static const struct db_stmt list_stmt = {
    "dossier.result_list", "select dossier.result_list($1::int8, $2::int8, $3::int4, $4::text)",
    false};
static const struct db_stmt open_stmt = {
    "dossier.result_open", "select dossier.result_open($1::text, $2::uuid, $3::bool)", true};
static const struct db_stmt known_stmt = {
    "dossier.result_known", "select dossier.result_known($1::text, $2::int4, $3::bytea)", false};

static void add_who(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->account);
    db_add_int8(p, who->unit);
    db_add_int4(p, (int32_t)who->roles);
}

static void add_wish(struct db_params *p, const struct principal *who, const struct result_wish *w)
{
    add_who(p, who);
    db_add_text(p, w->key);
    db_add_uuid(p, w->file);
    db_add_text(p, w->ref);
    if (w->if_match)
        db_add_int4(p, w->if_match);
    else
        db_add_null(p);
    db_add_text(p, w->idem);
    db_add_bytea(p, w->digest, sizeof w->digest);
}

void result_next(struct db *db, const struct principal *who, const struct result_wish *wish,
                 db_done *done, void *arg)
{
    struct db_params p = {0};
    add_wish(&p, who, wish);
    db_call(db, &next_stmt, &p, done, arg);
}

void result_put(struct db *db, const struct principal *who, const struct result_wish *wish,
                const char *sealed, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_wish(&p, who, wish);
    db_add_json(&p, sealed, strlen(sealed));
    db_call(db, &put_stmt, &p, done, arg);
}

void result_list(struct db *db, const struct principal *who, const char *key, db_done *done,
                 void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, key);
    db_call(db, &list_stmt, &p, done, arg);
}

void result_open(struct db *db, const char *key, const uint8_t dossier[16], bool pdf, db_done *done,
                 void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, key);
    db_add_uuid(&p, dossier);
    db_add_bool(&p, pdf);
    db_call(db, &open_stmt, &p, done, arg);
}

void result_known(struct db *db, const char *code, int32_t version, const uint8_t signature[64],
                  db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, code);
    db_add_int4(&p, version);
    db_add_bytea(&p, signature, 64);
    db_call(db, &known_stmt, &p, done, arg);
}
