#include "custody/exception_db.h"

#include "account/account.h"

static const struct db_stmt list_stmt = {"custody.exceptions",
                                         "select custody.exceptions($1::int8, $2::bool, $3::bool, "
                                         "$4::int8, $5::int4, $6::text, $7::text,"
                                         " $8::bool, $9::int8, $10::int8)",
                                         false};
static const struct db_stmt get_stmt = {
    "custody.exception_get", "select custody.exception_get($1::int8, $2::int8, $3::bool, $4::int8)",
    false};
static const struct db_stmt resolve_stmt = {
    "custody.exception_resolve",
    "select custody.exception_resolve($1::int8, $2::int8, $3::bool, $4::int8, $5::text, $6::text,"
    " $7::text, $8::bytea)",
    true};
static const struct db_stmt turn_stmt = {
    "custody.exception_turn",
    "select custody.exception_turn($1::int8, $2::int8, $3::bool, $4::int8, $5::bool, $6::text,"
    " $7::bytea)",
    true};

// A supervisor answers for the units of the province.
static void add_supervisor(struct db_params *p, const struct principal *who)
{
    db_add_bool(p, (who->roles & ROLE_SUPERVISOR) != 0);
}

static void add_who(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->account);
    db_add_int8(p, who->unit);
    add_supervisor(p, who);
}

// Key and digest, for base.idempotency.
static void add_once(struct db_params *p, const struct write_id *write)
{
    db_add_text(p, write->key);
    db_add_bytea(p, write->digest, sizeof write->digest);
}

static void add_account_if(struct db_params *p, const struct principal *who, bool wanted)
{
    if (wanted)
        db_add_int8(p, who->account);
    else
        db_add_null(p);
}

void exception_list(struct db *db, const struct principal *who, const struct exception_ask *ask,
                    db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->unit);
    add_supervisor(&p, who);
    db_add_bool(&p, ask->open);
    db_add_int8(&p, ask->after);
    db_add_int4(&p, ask->limit);
    db_add_text(&p, ask->code);
    db_add_text(&p, ask->unit);
    db_add_bool(&p, ask->overdue);
    add_account_if(&p, who, ask->mine);
    add_account_if(&p, who, ask->counts);
    db_call(db, &list_stmt, &p, done, arg);
}

void exception_get(struct db *db, const struct principal *who, int64_t id, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_int8(&p, id);
    db_call(db, &get_stmt, &p, done, arg);
}

void exception_resolve(struct db *db, const struct principal *who, const struct write_id *write,
                       int64_t id, const char *decision, const char *note, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_int8(&p, id);
    db_add_text(&p, decision);
    db_add_text(&p, note);
    add_once(&p, write);
    db_call(db, &resolve_stmt, &p, done, arg);
}

void exception_turn(struct db *db, const struct principal *who, const struct write_id *write,
                    int64_t id, bool take, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_int8(&p, id);
    db_add_bool(&p, take);
    add_once(&p, write);
    db_call(db, &turn_stmt, &p, done, arg);
}
