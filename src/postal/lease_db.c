#include "postal/lease_db.h"

#include <string.h>

static const struct db_stmt make_stmt = {
    "postal.lease_make",
    "select postal.lease_make($4::int8, $1::int8, $2::int4, $3::int8, $5::uuid, $6::bytea,"
    " $7::jsonb)",
    true};
static const struct db_stmt close_stmt = {
    "postal.lease_close",
    "select postal.lease_close($4::int8, $1::int8, $2::int4, $3::uuid, $5::bool, $6::text,"
    " $7::text, $8::bytea)",
    true};
static const struct db_stmt revoke_stmt = {
    "postal.lease_revoke",
    "select postal.lease_revoke($4::int8, $1::int8, $2::int4, $3::uuid, $5::text, $6::text,"
    " $7::bytea)",
    true};
static const struct db_stmt get_stmt = {
    "postal.lease_get", "select postal.lease_get($1::int8, $2::int4, $3::uuid)", false};
static const struct db_stmt list_stmt = {
    "postal.leases",
    "select postal.leases($1::int8, $2::int4, $3::text, $4::text, $5::int8, $6::int4)", false};
static const struct db_stmt report_stmt = {
    "postal.lease_report",
    "select postal.lease_report($1::int8, $2::int4, $3::uuid, $4::text, $5::text, $6::int4)",
    false};

static void add_who(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->unit);
    db_add_int4(p, (int32_t)who->roles);
}

void lease_make(struct db *db, const struct principal *who, const struct write_id *write,
                const char *body, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_int8(&p, who->device);
    db_add_int8(&p, who->account);
    db_add_uuid(&p, write->id);
    db_add_bytea(&p, write->digest, sizeof write->digest);
    db_add_json(&p, body, strlen(body));
    db_call(db, &make_stmt, &p, done, arg);
}

void lease_close(struct db *db, const struct principal *who, const struct write_id *write,
                 const uint8_t key[16], bool force, const char *why, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, key);
    db_add_int8(&p, who->account);
    db_add_bool(&p, force);
    db_add_text(&p, why);
    db_add_text(&p, write->key);
    db_add_bytea(&p, write->digest, sizeof write->digest);
    db_call(db, &close_stmt, &p, done, arg);
}

void lease_revoke(struct db *db, const struct principal *who, const struct write_id *write,
                  const uint8_t key[16], const char *why, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, key);
    db_add_int8(&p, who->account);
    db_add_text(&p, why);
    db_add_text(&p, write->key);
    db_add_bytea(&p, write->digest, sizeof write->digest);
    db_call(db, &revoke_stmt, &p, done, arg);
}

void lease_get(struct db *db, const struct principal *who, const uint8_t key[16], db_done *done,
               void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, key);
    db_call(db, &get_stmt, &p, done, arg);
}

void lease_list(struct db *db, const struct principal *who, const char *unit, const char *state,
                int64_t after, int32_t limit, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, unit);
    db_add_text(&p, state);
    db_add_int8(&p, after);
    db_add_int4(&p, limit);
    db_call(db, &list_stmt, &p, done, arg);
}

void lease_report(struct db *db, const struct principal *who, const uint8_t key[16],
                  const char *state, const char *after, int32_t limit, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, key);
    db_add_text(&p, state);
    db_add_text(&p, after);
    db_add_int4(&p, limit);
    db_call(db, &report_stmt, &p, done, arg);
}
