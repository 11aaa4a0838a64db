#include "tracking/track_db.h"

static const struct db_stmt by_number_stmt = {
    "dossier.told_number",
    "select t.dossier, t.as_of, t.until, t.tag, t.subjects, t.view from custody.shipment s"
    " join dossier.told t on t.dossier = s.dossier where s.number = $1::text",
    .brief = true};

static const struct db_stmt by_code_stmt = {
    "dossier.told_code",
    "select t.dossier, t.as_of, t.until, t.tag, t.subjects, t.view from dossier.dossier d"
    " join dossier.told t on t.dossier = d.id where d.code = $1::text",
    .brief = true};

static const struct db_stmt look_stmt = {
    "dossier.look", "select id, as_of, until, tag, subjects, view from dossier.look($1::text)",
    false};

static const struct db_stmt look_all_stmt = {
    "dossier.look_all",
    "select id, as_of, until, tag, subjects, view from dossier.look_all($1::uuid[])", false};

static const struct db_stmt news_stmt = {
    "dossier.news", "select subject, event, pos from dossier.news(nullif($1::int8, -1), $2::int4)",
    false};

static const struct db_stmt tell_stmt = {"dossier.tell", "select dossier.tell($1::uuid[])", true};

static const struct db_stmt told_on_stmt = {
    "dossier.told_on", "select gone, more from dossier.told_on($1::int4)", true};

static void call_with_key(struct db *db, const struct db_stmt *stmt, const char *key, db_done *done,
                          void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, key);
    db_call(db, stmt, &p, done, arg);
}

void track_db_kept(struct db *db, const char *key, bool code, db_done *done, void *arg)
{
    call_with_key(db, code ? &by_code_stmt : &by_number_stmt, key, done, arg);
}

void track_db_look(struct db *db, const char *key, db_done *done, void *arg)
{
    call_with_key(db, &look_stmt, key, done, arg);
}

static void call_with_ids(struct db *db, const struct db_stmt *stmt, const uint8_t (*ids)[16],
                          int count, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_array_open(&p, DB_ARRAY_UUID, count);
    for (int i = 0; i < count; i++)
        db_array_bytes(&p, ids[i], sizeof ids[i]);
    db_array_close(&p);
    db_call(db, stmt, &p, done, arg);
}

void track_db_look_all(struct db *db, const uint8_t (*ids)[16], int count, db_done *done, void *arg)
{
    call_with_ids(db, &look_all_stmt, ids, count, done, arg);
}

void track_db_tell(struct db *db, const uint8_t (*ids)[16], int count, db_done *done, void *arg)
{
    call_with_ids(db, &tell_stmt, ids, count, done, arg);
}

void track_db_news(struct db *db, int64_t after, int32_t most, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, after);
    db_add_int4(&p, most);
    db_call(db, &news_stmt, &p, done, arg);
}

void track_db_told_on(struct db *db, int32_t most, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int4(&p, most);
    db_call(db, &told_on_stmt, &p, done, arg);
}
