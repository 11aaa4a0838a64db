#include "procedure/procedure_db.h"

static const struct db_stmt list_stmt = {"procedure.list",
                                         "select jsonb_build_object('items',"
                                         " procedure.list($1::text, $2::text, $3::bool, $4::int4))",
                                         false};

static const struct db_stmt get_stmt = {"procedure.get", "select procedure.get($1::text)", false};

void procedure_list(struct db *db, const char *q, const char *agency_level, const bool *by_post,
                    int32_t limit, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, q);
    db_add_text(&p, agency_level);
    if (by_post)
        db_add_bool(&p, *by_post);
    else
        db_add_null(&p);
    db_add_int4(&p, limit);
    db_call(db, &list_stmt, &p, done, arg);
}

void procedure_get(struct db *db, const char *code, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, code);
    db_call(db, &get_stmt, &p, done, arg);
}
