#include "postal/postal_db.h"

static const struct db_stmt quote_stmt = {
    "postal.quote",
    "select postal.quote($1::text, $2::text, postal.unit_by_code($3::text), $4::int4, $5::text,"
    " case when $6::bool then '{appointment_note}'::text[] else '{}' end, $7::jsonb, $8::bool,"
    " postal.receiving_unit($9::text, postal.unit_by_code($3::text)))",
    false};

static const struct db_stmt units_stmt = {
    "postal.units",
    "select jsonb_build_object('items',"
    " postal.units($1::text, $2::text, $3::text, $4::bool, $5::int4))",
    false};

static const struct db_stmt communes_stmt = {
    "postal.communes",
    "select jsonb_build_object('items', postal.communes($1::text, $2::text, $3::int4))", false};

static const struct db_stmt calendar_stmt = {
    "postal.calendar",
    "select jsonb_build_object('year', $1::int4, 'days', postal.calendar("
    "make_date($1::int4, 1, 1), make_date($1::int4, 12, 31), u.id), 'hours',"
    " postal.hours(u.id, base.vn_date(now())))"
    " from (select case when $2::text is not null then postal.unit_by_code($2::text) end) u (id)",
    false};

void postal_quote(struct db *db, const struct postal_quote *quote, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, quote->procedure);
    db_add_text(&p, quote->from);
    db_add_text(&p, quote->to);
    db_add_int4(&p, quote->weight_g);
    db_add_text(&p, quote->service);
    db_add_bool(&p, quote->appointment_note);
    db_add_text(&p, quote->fees);
    db_add_bool(&p, quote->online);
    db_add_text(&p, quote->receiving);
    db_call(db, &quote_stmt, &p, done, arg);
}

void postal_units(struct db *db, const char *kind, const char *q, const char *near, bool staff,
                  int32_t limit, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, kind);
    db_add_text(&p, q);
    db_add_text(&p, near);
    db_add_bool(&p, staff);
    db_add_int4(&p, limit);
    db_call(db, &units_stmt, &p, done, arg);
}

void postal_communes(struct db *db, const char *q, const char *province, int32_t limit,
                     db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, q);
    db_add_text(&p, province);
    db_add_int4(&p, limit);
    db_call(db, &communes_stmt, &p, done, arg);
}

void postal_calendar(struct db *db, int32_t year, const char *unit, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int4(&p, year);
    db_add_text(&p, unit);
    db_call(db, &calendar_stmt, &p, done, arg);
}
