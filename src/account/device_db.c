#include "account/device_db.h"

#include "account/account.h"

static const struct db_stmt register_stmt = {
    "account.device_register",
    "select account.device_register($1::int8, $2::int8, $3::uuid, $4::text, $5::bytea,"
    " $6::int8)",
    true};
static const struct db_stmt get_stmt = {
    "account.device_get", "select account.device_get($1::int8, $2::int8, $3::int4, $4::uuid)",
    false};
static const struct db_stmt revoke_stmt = {
    "account.device_revoke", "select account.device_revoke($1::int8, $2::int8, $3::int4, $4::uuid)",
    true};
static const struct db_stmt list_stmt = {
    "account.devices", "select account.devices($1::int8, $2::int8, $3::int4, $4::int8, $5::int4)",
    false};

static void add_who(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->account);
    db_add_int8(p, who->unit);
    db_add_int4(p, (int32_t)who->roles);
}

void device_register(struct db *db, const struct principal *who, const uint8_t key[16],
                     const char *name, const uint8_t token_hash[32], int64_t first_seq,
                     db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    db_add_int8(&p, who->unit);
    db_add_uuid(&p, key);
    db_add_text(&p, name);
    db_add_bytea(&p, token_hash, TOKEN_HASH);
    db_add_int8(&p, first_seq);
    db_call(db, &register_stmt, &p, done, arg);
}

void device_get(struct db *db, const struct principal *who, const uint8_t key[16], db_done *done,
                void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, key);
    db_call(db, &get_stmt, &p, done, arg);
}

void device_revoke(struct db *db, const struct principal *who, const uint8_t key[16], db_done *done,
                   void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, key);
    db_call(db, &revoke_stmt, &p, done, arg);
}

void device_list(struct db *db, const struct principal *who, int64_t after, int32_t limit,
                 db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_int8(&p, after);
    db_add_int4(&p, limit);
    db_call(db, &list_stmt, &p, done, arg);
}
