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
static const struct db_stmt get_stmt = {"container.get", "select container.get($1::text)", false};

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

void container_get(struct db *db, const char *id, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, id);
    db_call(db, &get_stmt, &p, done, arg);
}
