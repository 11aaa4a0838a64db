#include "container/trip_db.h"

#include <string.h>

#include "account/account.h"

static const struct db_stmt create_stmt = {
    "container.trip_create",
    "select container.trip_create($1::int8, $2::int8, $3::uuid, $4::jsonb, $5::bytea)", true};
static const struct db_stmt arrive_stmt = {
    "container.trip_arrive",
    "select container.trip_arrive($1::int8, $2::int8, $3::uuid, $4::text, $5::bytea)", true};
static const struct db_stmt end_stmt = {
    "container.trip_end",
    "select container.trip_end($1::int8, $2::int8, $6::bool, $3::uuid, $4::text, $5::bytea)", true};
static const struct db_stmt get_stmt = {
    "container.trip_get", "select container.trip_get($1::text, $2::text, $3::int4)", false};
static const struct db_stmt list_stmt = {
    "container.trips",
    "select container.trips($1::int8, $2::int8, $3::bool, $4::bool, $5::int8, $6::int4)", false};

static void add_who(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->account);
    db_add_int8(p, who->unit);
}

static bool supervises(const struct principal *who)
{
    return (who->roles & ROLE_SUPERVISOR) != 0;
}

static void add_write(struct db_params *p, const struct principal *who,
                      const struct write_id *write, const char *code)
{
    add_who(p, who);
    db_add_uuid(p, write->id);
    db_add_text(p, code);
    db_add_bytea(p, write->digest, sizeof write->digest);
}

void trip_create(struct db *db, const struct principal *who, const struct write_id *write,
                 const char *body, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, write->id);
    db_add_json(&p, body, strlen(body));
    db_add_bytea(&p, write->digest, sizeof write->digest);
    db_call(db, &create_stmt, &p, done, arg);
}

void trip_arrive(struct db *db, const struct principal *who, const struct write_id *write,
                 const char *code, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_write(&p, who, write, code);
    db_call(db, &arrive_stmt, &p, done, arg);
}

void trip_end(struct db *db, const struct principal *who, const struct write_id *write,
              const char *code, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_write(&p, who, write, code);
    db_add_bool(&p, supervises(who));
    db_call(db, &end_stmt, &p, done, arg);
}

void trip_get(struct db *db, const char *code, const char *next, int32_t limit, db_done *done,
              void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, code);
    db_add_text(&p, next);
    db_add_int4(&p, limit);
    db_call(db, &get_stmt, &p, done, arg);
}

void trip_list(struct db *db, const struct principal *who, const bool *open, int64_t after,
               int32_t limit, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_bool(&p, supervises(who));
    if (open)
        db_add_bool(&p, *open);
    else
        db_add_null(&p);
    if (after)
        db_add_int8(&p, after);
    else
        db_add_null(&p);
    db_add_int4(&p, limit);
    db_call(db, &list_stmt, &p, done, arg);
}
