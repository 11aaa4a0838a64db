#include "container/container_db.h"

static const struct db_stmt create_stmt = {
    "container.create",
    "select container.create($1::int8, $2::int8, $3::uuid, $4::text, $5::text, $6::text,"
    " $7::bytea)",
    true};
static const struct db_stmt close_stmt = {
    "container.close",
    "select container.close($1::int8, $2::int8, $3::int4, $4::uuid, $5::text, $6::text,"
    " $7::bytea)",
    true};
static const struct db_stmt weigh_stmt = {
    "container.weigh",
    "select container.weigh($1::int8, $2::int8, $3::uuid, $4::text, $5::int4, $6::bytea)", true};
static const struct db_stmt reseal_stmt = {
    "container.reseal",
    "select container.reseal($1::int8, $2::int8, $3::int4, $4::uuid, $5::text, $6::text, $7::text,"
    " $8::bytea)",
    true};
static const struct db_stmt checked_stmt = {
    "container.checked",
    "select container.checked($1::int8, $2::int8, $3::uuid, $4::text, $5::bytea)", true};
static const struct db_stmt get_stmt = {
    "container.get", "select container.get($1::text, $2::text, $3::int4)", false};

void container_create(struct db *db, const struct principal *who, const struct write_id *write,
                      const char *kind, const char *origin, const char *destination, db_done *done,
                      void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    db_add_int8(&p, who->unit);
    db_add_uuid(&p, write->id);
    db_add_text(&p, kind);
    db_add_text(&p, origin);
    db_add_text(&p, destination);
    db_add_bytea(&p, write->digest, sizeof write->digest);
    db_call(db, &create_stmt, &p, done, arg);
}

void container_close(struct db *db, const struct principal *who, const struct write_id *write,
                     const char *id, const char *seal, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    db_add_int8(&p, who->unit);
    db_add_int4(&p, (int32_t)who->roles);
    db_add_uuid(&p, write->id);
    db_add_text(&p, id);
    db_add_text(&p, seal);
    db_add_bytea(&p, write->digest, sizeof write->digest);
    db_call(db, &close_stmt, &p, done, arg);
}

void container_weigh(struct db *db, const struct principal *who, const struct write_id *write,
                     const char *id, int32_t weight_g, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    db_add_int8(&p, who->unit);
    db_add_uuid(&p, write->id);
    db_add_text(&p, id);
    db_add_int4(&p, weight_g);
    db_add_bytea(&p, write->digest, sizeof write->digest);
    db_call(db, &weigh_stmt, &p, done, arg);
}

void container_reseal(struct db *db, const struct principal *who, const struct write_id *write,
                      const char *id, const char *seal, const char *reason, db_done *done,
                      void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    db_add_int8(&p, who->unit);
    db_add_int4(&p, (int32_t)who->roles);
    db_add_uuid(&p, write->id);
    db_add_text(&p, id);
    db_add_text(&p, seal);
    db_add_text(&p, reason);
    db_add_bytea(&p, write->digest, sizeof write->digest);
    db_call(db, &reseal_stmt, &p, done, arg);
}

void container_checked(struct db *db, const struct principal *who, const struct write_id *write,
                       const char *id, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    db_add_int8(&p, who->unit);
    db_add_uuid(&p, write->id);
    db_add_text(&p, id);
    db_add_bytea(&p, write->digest, sizeof write->digest);
    db_call(db, &checked_stmt, &p, done, arg);
}

void container_get(struct db *db, const char *id, const char *next, int32_t limit, db_done *done,
                   void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, id);
    db_add_text(&p, next);
    db_add_int4(&p, limit);
    db_call(db, &get_stmt, &p, done, arg);
}
