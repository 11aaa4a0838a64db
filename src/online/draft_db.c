#include "online/draft_db.h"

#include <string.h>

#include "base/conf.h"
#include "online/draft.h"

static const struct db_stmt begin_stmt = {
    "online.begin_draft",
    "select view, sealed, key, retry_after from online.begin_draft($1::uuid, $2::int8, $3::bytea, "
    "$5::text, $6::text,"
    " $7::bytea, $8::bytea, $4::int4, $9::int4)",
    true};
static const struct db_stmt get_stmt = {
    "online.get",
    "select view, sealed, key, owner, filed, procedure from online.get($1::uuid, $2::int8,"
    " $3::bytea, $4::int4)",
    false};
static const struct db_stmt save_stmt = {
    "online.save",
    "select view, retry_after from online.save($1::uuid, $2::int8, $3::bytea, $4::int4, $5::text,"
    " $6::int4, $7::int4, $8::int4, $9::bytea, $10::bytea)",
    true};
static const struct db_stmt part_stmt = {
    "online.take_part",
    "select retry_after, owner, procedure from online.take_part($1::uuid, $2::int8, $3::bytea,"
    " $4::int4, $5::text, $6::int4, $7::int4)",
    true};
static const struct db_stmt drop_stmt = {
    "online.drop", "select online.drop($1::uuid, $2::int8, $3::bytea, $4::int4)", true};
static const struct db_stmt mine_stmt = {"online.mine", "select online.mine($1::int8, $2::int4)",
                                         false};
static const struct db_stmt submit_stmt = {
    "online.submit",
    "select online.submit($1::uuid, $2::int8, $3::bytea, $4::int4, $5::int4, $6::jsonb, $7::jsonb,"
    " $8::bytea, $9::bytea, $10::bytea, $11::bytea, $12::bytea, $13::bytea)",
    true};
static const struct db_stmt change_pickup_stmt = {
    "online.change_pickup",
    "select online.change_pickup($1::uuid, $2::int8, $3::bytea, $4::int4, $5::int4, $6::text,"
    " $7::text)",
    true};
static const struct db_stmt cancel_pickup_stmt = {
    "online.cancel_pickup",
    "select online.cancel_pickup($1::uuid, $2::int8, $3::bytea, $4::int4, $5::int4)", true};
static const struct db_stmt expire_stmt = {"online.expire", "select online.expire($1::int4)", true};
static const struct db_stmt pickups_stmt = {
    "online.pickups",
    "select visit, sealed, key from online.pickups($1::int8, $2::int8, $3::int4, $4::text::date)",
    true};
static const struct db_stmt days_stmt = {"online.pickup_days_of",
                                         "select online.pickup_days_of($1::text)", false};

// The first four parameters of whatever is done to a draft.
static void add_key(struct db_params *p, const struct draft_key *key)
{
    db_add_uuid(p, key->id);
    db_add_int8(p, key->account);
    if (key->held)
        db_add_bytea(p, key->holder, sizeof key->holder);
    else
        db_add_null(p);
    db_add_int4(p, (int32_t)conf.online_days);
}

// And behind them whose allowance a save takes from, besides the draft's own.
static void add_allowance(struct db_params *p, const char *address)
{
    db_add_text(p, address);
    db_add_int4(p, (int32_t)conf.online_rate);
    db_add_int4(p, (int32_t)conf.online_burst);
}

static void add_sealed(struct db_params *p, const struct sealed *sealed)
{
    db_add_bytea(p, sealed->data, sealed->len);
    db_add_bytea(p, sealed->key, sizeof sealed->key);
}

void draft_begin(struct db *db, const struct draft_key *key, const char *address,
                 const char *procedure, const struct sealed *says, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_key(&p, key);
    db_add_text(&p, address);
    db_add_text(&p, procedure);
    add_sealed(&p, says);
    db_add_int4(&p, (int32_t)conf.online_drafts);
    db_call(db, &begin_stmt, &p, done, arg);
}

void draft_get(struct db *db, const struct draft_key *key, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_key(&p, key);
    db_call(db, &get_stmt, &p, done, arg);
}

void draft_save(struct db *db, const struct draft_key *key, const char *address, int32_t version,
                const struct sealed *says, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_key(&p, key);
    add_allowance(&p, address);
    db_add_int4(&p, version);
    add_sealed(&p, says);
    db_call(db, &save_stmt, &p, done, arg);
}

void draft_take_part(struct db *db, const struct draft_key *key, const char *address, db_done *done,
                     void *arg)
{
    struct db_params p = {0};
    add_key(&p, key);
    add_allowance(&p, address);
    db_call(db, &part_stmt, &p, done, arg);
}

void draft_drop(struct db *db, const struct draft_key *key, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_key(&p, key);
    db_call(db, &drop_stmt, &p, done, arg);
}

void draft_mine(struct db *db, int64_t account, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, account);
    db_add_int4(&p, (int32_t)conf.online_days);
    db_call(db, &mine_stmt, &p, done, arg);
}

void draft_submit(struct db *db, const struct draft_key *key, int32_t version,
                  const struct draft_filing *filing, db_done *done, void *arg)
{
    const struct dossier_filing *dossier = &filing->dossier;
    struct db_params p = {0};
    add_key(&p, key);
    db_add_int4(&p, version);
    db_add_json(&p, dossier->body, strlen(dossier->body));
    db_add_json(&p, filing->how, strlen(filing->how));
    add_sealed(&p, &dossier->personal);
    db_add_bytea(&p, dossier->personal.salt, sizeof dossier->personal.salt);
    db_add_bytea(&p, dossier->personal.mac, sizeof dossier->personal.mac);
    db_add_bytea(&p, dossier->digest, sizeof dossier->digest);
    db_add_bytea(&p, dossier->receipt, sizeof dossier->receipt);
    db_call(db, &submit_stmt, &p, done, arg);
}

void pickup_change(struct db *db, const struct draft_key *key, int32_t version, const char *day,
                   const char *half, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_key(&p, key);
    db_add_int4(&p, version);
    db_add_text(&p, day);
    db_add_text(&p, half);
    db_call(db, &change_pickup_stmt, &p, done, arg);
}

void pickup_cancel(struct db *db, const struct draft_key *key, int32_t version, db_done *done,
                   void *arg)
{
    struct db_params p = {0};
    add_key(&p, key);
    db_add_int4(&p, version);
    db_call(db, &cancel_pickup_stmt, &p, done, arg);
}

void draft_expire(struct db *db, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int4(&p, (int32_t)conf.online_days);
    db_call(db, &expire_stmt, &p, done, arg);
}

void pickups_of(struct db *db, const struct principal *who, const char *day, db_done *done,
                void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    db_add_int8(&p, who->unit);
    db_add_int4(&p, (int32_t)who->roles);
    db_add_text(&p, day);
    db_call(db, &pickups_stmt, &p, done, arg);
}

void pickup_days(struct db *db, const char *commune, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, commune);
    db_call(db, &days_stmt, &p, done, arg);
}
