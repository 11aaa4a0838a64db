#include "postal/calendar_db.h"

#include <string.h>

static const struct db_stmt preview_stmt = {"calendar.preview",
                                            "select dossier.preview_calendar($1::jsonb)", true};

static const struct db_stmt apply_stmt = {
    "calendar.apply",
    "select dossier.change_calendar($1::int8, $2::int8, $3::jsonb, $4::text, $5::bytea)", true};

static const struct db_stmt changes_stmt = {
    "calendar.changes", "select dossier.calendar_changes($1::int4, $2::text)", false};

void calendar_preview(struct db *db, const char *change, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_json(&p, change, strlen(change));
    db_call(db, &preview_stmt, &p, done, arg);
}

void calendar_apply(struct db *db, const struct principal *who, const struct calendar_change *c,
                    db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    db_add_int8(&p, who->unit);
    db_add_json(&p, c->body, strlen(c->body));
    db_add_text(&p, c->idem);
    db_add_bytea(&p, c->digest, sizeof c->digest);
    db_call(db, &apply_stmt, &p, done, arg);
}

void calendar_changes(struct db *db, int32_t limit, const char *next, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int4(&p, limit);
    db_add_text(&p, next);
    db_call(db, &changes_stmt, &p, done, arg);
}
