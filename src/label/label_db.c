#include "label/label_db.h"

#include <string.h>

// Reading personal data is recorded, so it is a write.
static const struct db_stmt data_stmts[] = {
    [LABEL_OF_SHIPMENT] = {"label.data",
                           "select facts, sealed, key from label.data($1::text, $2::int8, "
                           "$3::int8, $4::int4)",
                           true},
    [LABEL_OF_BAG] = {"label.bag",
                      "select facts, sealed, key from label.bag($1::text, $2::int8, $3::int8, "
                      "$4::int4)",
                      false},
    [LABEL_OF_INVITATION] = {"label.invitation",
                             "select facts, sealed, key from label.invitation($1::text, $2::int8, "
                             "$3::int8, $4::int4)",
                             true},
};
static const struct db_stmt print_stmt = {
    .name = "label.print",
    .sql = "select label.print($1::text[], $2::int8, $3::int8, $4::int4, $5::text, $6::text, "
           "$7::text, $8::bytea)",
    .write = true,
};
static const struct db_stmt print_on_stmt = {
    .name = "label.print_on",
    .sql = "select label.print_on($1::text[], $2::int8, $3::int8, $4::int4, $5::text, $6::text, "
           "$9::uuid, $7::text, $8::bytea)",
    .write = true,
};
static const struct db_stmt known_stmt = {
    .name = "label.known",
    .sql = "select label.known($1::text, $2::int4)",
};

void label_db_add_asker(struct db_params *p, const struct label_asker *who)
{
    db_add_int8(p, who->account);
    if (who->unit)
        db_add_int8(p, who->unit);
    else
        db_add_null(p);
    db_add_int4(p, (int32_t)who->roles);
}

void label_db_data(struct db *db, enum label_about about, const char *number,
                   const struct label_asker *who, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, number);
    label_db_add_asker(&p, who);
    db_call(db, &data_stmts[about], &p, done, arg);
}

void label_db_print(struct db *db, const struct label_print *print, const struct label_asker *who,
                    db_done *done, void *arg)
{
    struct db_params p = {0};
    db_array_open(&p, DB_ARRAY_TEXT, print->count);
    for (int i = 0; i < print->count; i++)
        db_array_bytes(&p, print->numbers[i], strlen(print->numbers[i]));
    db_array_close(&p);
    label_db_add_asker(&p, who);
    db_add_text(&p, print->template);
    db_add_text(&p, print->reason);
    db_add_text(&p, print->key);
    db_add_bytea(&p, print->digest, 32);
    if (print->printer)
        db_add_uuid(&p, print->printer);
    db_call(db, print->printer ? &print_on_stmt : &print_stmt, &p, done, arg);
}

void label_db_known(struct db *db, const char *number, int32_t office, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, number);
    db_add_int4(&p, office);
    db_call(db, &known_stmt, &p, done, arg);
}
