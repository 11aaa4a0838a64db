#include "container/despatch_db.h"

static const struct db_stmt close_stmt = {
    "container.despatch_close", "select container.despatch_close($1::int8, $2::int8, $3::text)",
    true};
static const struct db_stmt depart_stmt = {
    "container.despatch_depart",
    "select container.despatch_depart($1::int8, $2::int8, $3::uuid, $4::text, $5::text,"
    " $6::bytea)",
    true};
static const struct db_stmt get_stmt = {
    "container.despatch_get", "select container.despatch_get($1::text, $2::text, $3::int4)", false};
static const struct db_stmt list_stmt = {
    "container.despatches", "select container.despatches($1::text, $2::text, $3::int8, $4::int4)",
    false};

void despatch_close(struct db *db, const struct principal *who, const char *s8, db_done *done,
                    void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    db_add_int8(&p, who->unit);
    db_add_text(&p, s8);
    db_call(db, &close_stmt, &p, done, arg);
}

void despatch_depart(struct db *db, const struct principal *who, const struct write_id *write,
                     const char *s8, const char *trip, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    db_add_int8(&p, who->unit);
    db_add_uuid(&p, write->id);
    db_add_text(&p, s8);
    db_add_text(&p, trip);
    db_add_bytea(&p, write->digest, sizeof write->digest);
    db_call(db, &depart_stmt, &p, done, arg);
}

void despatch_get(struct db *db, const char *s8, const char *next, int32_t limit, db_done *done,
                  void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, s8);
    db_add_text(&p, next);
    db_add_int4(&p, limit);
    db_call(db, &get_stmt, &p, done, arg);
}

void despatch_list(struct db *db, const char *unit, const char *day, int64_t after, int32_t limit,
                   db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, unit);
    db_add_text(&p, day);
    db_add_int8(&p, after);
    db_add_int4(&p, limit);
    db_call(db, &list_stmt, &p, done, arg);
}
