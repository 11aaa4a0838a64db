#include "account/account_db.h"

#include "base/conf.h"

static const struct db_stmt login_begin = {
    "account.login_begin",
    "select retry_after, id, password_hash"
    " from account.login_begin($1::text, $2::text, $3::int4, $4::bool)",
    true};

static const struct db_stmt login_open = {
    "account.login_open",
    "select account.login_open($1::int8, $2::text, $3::text, $4::bytea, $5::int4)", true};

static const struct db_stmt logout = {"account.logout", "select account.logout($1::uuid)", true};

static const struct db_stmt me = {"account.me", "select account.me($1::int8, $2::bool)", false};

static const struct db_stmt who = {
    "account.who",
    "select id, unit_id, roles, login, name, unit_code, unit_name, session, expires_at, device"
    " from account.who($1::bytea, $2::bool)",
    false};

void account_login_begin(struct db *db, const char *login, const char *address, db_done *done,
                         void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, login);
    db_add_text(&p, address);
    db_add_int4(&p, (int32_t)conf.login_attempts);
    db_add_bool(&p, conf.demo);
    db_call(db, &login_begin, &p, done, arg);
}

void account_login_open(struct db *db, int64_t account, const char *login, const char *address,
                        const uint8_t token_hash[32], db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, account);
    db_add_text(&p, login);
    db_add_text(&p, address);
    db_add_bytea(&p, token_hash, 32);
    db_add_int4(&p, (int32_t)conf.session_hours);
    db_call(db, &login_open, &p, done, arg);
}

void account_logout(struct db *db, const uint8_t session[16], db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, session);
    db_call(db, &logout, &p, done, arg);
}

void account_me(struct db *db, int64_t account, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, account);
    db_add_bool(&p, conf.demo);
    db_call(db, &me, &p, done, arg);
}

void account_who(struct db *db, const uint8_t token_hash[32], db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_bytea(&p, token_hash, 32);
    db_add_bool(&p, conf.demo);
    db_call(db, &who, &p, done, arg);
}
