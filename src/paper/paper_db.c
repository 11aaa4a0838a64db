#include "paper/paper_db.h"

#include <string.h>

static const struct db_stmt draw_stmt = {
    "paper.draw",
    "select d.page - 'dossiers', d.page -> 'dossiers', d.page ->> 'next' from paper.draw($4::bool,"
    " $5::text, $6::text, $7::jsonb, $1::int8, $2::int8, $3::int4) as d (page)",
    false};
static const struct db_stmt read_stmt = {
    "paper.read", "select paper.read($1::jsonb, $2::text, $3::int8, $4::int8)", true};
static const struct db_stmt print_stmt = {
    "paper.print",
    "select paper.print($4::bool, $5::text, $6::text, $7::jsonb, $8::text, $1::int8, $2::int8,"
    " $3::int4, $9::text, $10::bytea)",
    true};
static const struct db_stmt list_stmt = {
    "paper.listed_for", "select paper.listed_for($4::text, $1::int8, $2::int8, $3::int4)", false};

static void add_who(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->account);
    db_add_int8(p, who->unit);
    db_add_int4(p, (int32_t)who->roles);
}

static void add_wish(struct db_params *p, const struct paper_wish *wish)
{
    db_add_bool(p, wish->dossier);
    db_add_text(p, wish->name);
    db_add_text(p, wish->of);
    db_add_json(p, wish->args, strlen(wish->args));
}

void paper_draw(struct db *db, const struct principal *who, const struct paper_wish *wish,
                db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    add_wish(&p, wish);
    db_call(db, &draw_stmt, &p, done, arg);
}

void paper_read(struct db *db, const struct principal *who, const char *name, const char *dossiers,
                db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_json(&p, dossiers, strlen(dossiers));
    db_add_text(&p, name);
    db_add_int8(&p, who->account);
    db_add_int8(&p, who->unit);
    db_call(db, &read_stmt, &p, done, arg);
}

void paper_print(struct db *db, const struct principal *who, const struct paper_wish *wish,
                 const char *reason, const char *key, const uint8_t digest[SEAL_DIGEST_BYTES],
                 db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    add_wish(&p, wish);
    db_add_text(&p, reason);
    db_add_text(&p, key);
    db_add_bytea(&p, digest, SEAL_DIGEST_BYTES);
    db_call(db, &print_stmt, &p, done, arg);
}

void paper_list(struct db *db, const struct principal *who, const char *dossier, db_done *done,
                void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, dossier);
    db_call(db, &list_stmt, &p, done, arg);
}
