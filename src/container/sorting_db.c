#include "container/sorting_db.h"

static const struct db_stmt get_stmt = {
    "container.sorting_of", "select container.sorting_of($1::text, $2::text, $3::text)", false};

void sorting_get(struct db *db, const char *from, const char *commune, const char *number,
                 db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, from);
    db_add_text(&p, commune);
    db_add_text(&p, number);
    db_call(db, &get_stmt, &p, done, arg);
}
