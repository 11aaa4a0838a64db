#include "dossier/unlock_db.h"

static const struct db_stmt begin_stmt = {
    "dossier.unlock_begin",
    "select retry_after, id, sealed, key, receipt"
    " from dossier.unlock_begin($1::text, $2::text, $3::text)",
    true};

static const struct db_stmt open_stmt = {
    "dossier.unlock_open", "select dossier.unlock_open($1::uuid, $2::text, $3::text)", true};

static const struct db_stmt next_stmt = {
    "dossier.receipt_next", "select dossier.receipt_next($1::int8, $2::int8, $3::int4, $4::text)",
    false};

static const struct db_stmt renew_stmt = {
    "dossier.receipt_renew",
    "select dossier.receipt_renew($1::int8, $2::int8, $3::int4, $4::uuid, $5::int4, $6::bytea,"
    " $7::text, $8::bytea)",
    true};

void unlock_begin(struct db *db, const char *key, const char *by, const char *address,
                  db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, key);
    db_add_text(&p, by);
    db_add_text(&p, address);
    db_call(db, &begin_stmt, &p, done, arg);
}

void unlock_open(struct db *db, const uint8_t dossier[16], const char *by, const char *address,
                 db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, dossier);
    db_add_text(&p, by);
    db_add_text(&p, address);
    db_call(db, &open_stmt, &p, done, arg);
}

static void add_who(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->account);
    db_add_int8(p, who->unit);
    db_add_int4(p, (int32_t)who->roles);
}

void receipt_next(struct db *db, const struct principal *who, const char *key, db_done *done,
                  void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, key);
    db_call(db, &next_stmt, &p, done, arg);
}

void receipt_renew(struct db *db, const struct principal *who, const struct receipt_renewal *r,
                   db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, r->dossier);
    db_add_int4(&p, r->issue);
    db_add_bytea(&p, r->hash, sizeof r->hash);
    db_add_text(&p, r->idem);
    db_add_bytea(&p, r->digest, sizeof r->digest);
    db_call(db, &renew_stmt, &p, done, arg);
}
