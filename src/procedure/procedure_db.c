#include "procedure/procedure_db.h"

static const struct db_stmt search_stmt = {"procedure.search", "select procedure.search($1::jsonb)",
                                           false};
static const struct db_stmt get_stmt = {"procedure.get", "select procedure.get($1::text)", false};
static const struct db_stmt form_stmt = {"procedure.form",
                                         "select procedure.form($1::text, $2::text)", false};

void procedure_search(struct db *db, const char *args, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, args);
    db_call(db, &search_stmt, &p, done, arg);
}

void procedure_get(struct db *db, const char *code, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, code);
    db_call(db, &get_stmt, &p, done, arg);
}

void procedure_form(struct db *db, const char *code, const char *name, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, code);
    db_add_text(&p, name);
    db_call(db, &form_stmt, &p, done, arg);
}
