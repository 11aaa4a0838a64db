#include "report/report_db.h"

#include <string.h>

static const struct db_stmt register_stmt = {
    "report.register", "select report.register($1::int8, $2::int8, $3::int4, $4::jsonb)", false};

static const struct db_stmt lines_stmt = {
    "report.register_lines",
    "select lines, next from report.register_lines($1::int8, $2::int8, $3::int4, $4::jsonb)",
    false};

static const struct db_stmt due_stmt = {
    "report.due", "select report.due($1::int8, $2::int8, $3::int4, $4::jsonb)", false};

static const struct db_stmt items_stmt = {
    "report.due_items", "select report.due_items($1::int8, $2::int8, $3::int4, $4::jsonb)", false};

static const struct db_stmt control_stmt = {
    "report.control_sheet",
    "select report.control_sheet_for($4::text, $1::int8, $2::int8, $3::int4)", true};

static void add_who(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->account);
    db_add_int8(p, who->unit);
    db_add_int4(p, (int32_t)who->roles);
}

static void ask(struct db *db, const struct db_stmt *stmt, const struct principal *who,
                const char *args, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_json(&p, args, strlen(args));
    db_call(db, stmt, &p, done, arg);
}

void report_register(struct db *db, const struct principal *who, const char *args, db_done *done,
                     void *arg)
{
    ask(db, &register_stmt, who, args, done, arg);
}

void report_register_lines(struct db *db, const struct principal *who, const char *args,
                           db_done *done, void *arg)
{
    ask(db, &lines_stmt, who, args, done, arg);
}

void report_due(struct db *db, const struct principal *who, const char *args, db_done *done,
                void *arg)
{
    ask(db, &due_stmt, who, args, done, arg);
}

void report_due_items(struct db *db, const struct principal *who, const char *args, db_done *done,
                      void *arg)
{
    ask(db, &items_stmt, who, args, done, arg);
}

void report_control_sheet(struct db *db, const struct principal *who, const char *key,
                          db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, key);
    db_call(db, &control_stmt, &p, done, arg);
}
