#include "custody/delivery_db.h"

static const struct db_stmt get_stmt = {
    "custody.delivery", "select custody.delivery($1::text, $2::int8, $3::int8, $4::int4)", false};
static const struct db_stmt list_stmt = {"custody.deliveries",
                                         "select custody.deliveries($1::int8, $2::int8)", false};
static const struct db_stmt code_stmt = {
    "custody.delivery_code_issue",
    "select custody.delivery_code_issue($1::int8, $2::int8, $3::int4, $4::text, $5::uuid,"
    " $6::bytea)",
    true};
static const struct db_stmt invite_stmt = {
    "custody.invite", "select custody.invite($1::int8, $2::int8, $3::uuid, $4::text, $5::bytea)",
    true};
static const struct db_stmt unclaimed_stmt = {"custody.unclaimed",
                                              "select custody.unclaimed($1::int8)", false};

static void add_who(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->account);
    db_add_int8(p, who->unit);
}

void delivery_get(struct db *db, const struct principal *who, const char *number, db_done *done,
                  void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, number);
    add_who(&p, who);
    db_add_int4(&p, (int32_t)who->roles);
    db_call(db, &get_stmt, &p, done, arg);
}

void delivery_list(struct db *db, const struct principal *who, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_call(db, &list_stmt, &p, done, arg);
}

void delivery_code_issue(struct db *db, const struct principal *who, const char *number,
                         const uint8_t request[16], const uint8_t hash[SEAL_DIGEST_BYTES],
                         db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_int4(&p, (int32_t)who->roles);
    db_add_text(&p, number);
    db_add_uuid(&p, request);
    db_add_bytea(&p, hash, SEAL_DIGEST_BYTES);
    db_call(db, &code_stmt, &p, done, arg);
}

void delivery_invite(struct db *db, const struct principal *who, const struct write_id *write,
                     const char *number, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, write->id);
    db_add_text(&p, number);
    db_add_bytea(&p, write->digest, sizeof write->digest);
    db_call(db, &invite_stmt, &p, done, arg);
}

void delivery_unclaimed(struct db *db, const struct principal *who, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->unit);
    db_call(db, &unclaimed_stmt, &p, done, arg);
}
