#include "tracking/track_db.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tracking/track_pack.h"

static const struct db_stmt kept_stmt = {
    "dossier.told",
    "select t.dossier, t.as_of, t.until, t.packed from dossier.told t where t.key = $1::text",
    .brief = true};

static const struct db_stmt look_stmt = {
    "dossier.look", "select id, as_of, until, tag, subjects, view from dossier.look($1::text)",
    false};

static const struct db_stmt look_keys_stmt = {
    "dossier.look_keys",
    "select a.id, a.as_of, a.until, a.tag, a.subjects, a.view, k.key"
    " from (select distinct unnest($1::text[]) as key) k cross join lateral dossier.look(k.key) a",
    false};

static const struct db_stmt look_all_stmt = {
    "dossier.look_all",
    "select id, as_of, until, tag, subjects, view from dossier.look_all($1::uuid[])", false};

static const struct db_stmt news_stmt = {
    "dossier.news", "select subject, event, pos from dossier.news(nullif($1::int8, -1), $2::int4)",
    false};

static const struct db_stmt keep_stmt = {
    "dossier.keep",
    "select dossier.keep($1::text[], $2::uuid[], $3::int8[], $4::timestamptz[], $5::bytea[])",
    true};

static const struct db_stmt told_on_stmt = {
    "dossier.told_on", "select gone, more from dossier.told_on($1::int4)", true};

static void call_with_key(struct db *db, const struct db_stmt *stmt, const char *key, db_done *done,
                          void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, key);
    db_call(db, stmt, &p, done, arg);
}

void track_db_kept(struct db *db, const char *key, db_done *done, void *arg)
{
    call_with_key(db, &kept_stmt, key, done, arg);
}

void track_db_look(struct db *db, const char *key, db_done *done, void *arg)
{
    call_with_key(db, &look_stmt, key, done, arg);
}

void track_db_look_keys(struct db *db, const char (*keys)[TRACK_KEY_MAX], int count, db_done *done,
                        void *arg)
{
    struct db_params p = {0};
    db_array_open(&p, DB_ARRAY_TEXT, count);
    for (int i = 0; i < count; i++)
        db_array_bytes(&p, keys[i], strlen(keys[i]));
    db_array_close(&p);
    db_call(db, &look_keys_stmt, &p, done, arg);
}

void track_db_look_all(struct db *db, const uint8_t (*ids)[16], int count, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_array_open(&p, DB_ARRAY_UUID, count);
    for (int i = 0; i < count; i++)
        db_array_bytes(&p, ids[i], sizeof ids[i]);
    db_array_close(&p);
    db_call(db, &look_all_stmt, &p, done, arg);
}

static void add_packed(struct db_params *p, const struct db_result *r)
{
    struct buf out = {0};
    db_array_open(p, DB_ARRAY_BYTEA, r->rows);
    for (int i = 0; i < r->rows; i++) {
        size_t len;
        const char *view = db_json(r, i, ANSWER_VIEW, &len);
        buf_reset(&out);
        track_pack(&out, db_text(r, i, ANSWER_TAG), db_text(r, i, ANSWER_SUBJECTS), view, len);
        db_array_bytes(p, out.data, out.len);
    }
    db_array_close(p);
    buf_finish(&out);
}

void track_db_keep(struct db *db, const struct db_result *r, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_array_open(&p, DB_ARRAY_TEXT, r->rows);
    for (int i = 0; i < r->rows; i++)
        db_array_bytes(&p, db_text(r, i, ANSWER_KEY), db_len(r, i, ANSWER_KEY));
    db_array_close(&p);
    db_array_open(&p, DB_ARRAY_UUID, r->rows);
    for (int i = 0; i < r->rows; i++)
        db_array_bytes(&p, db_uuid(r, i, ANSWER_ID), UUID_BYTES);
    db_array_close(&p);
    db_array_open(&p, DB_ARRAY_INT8, r->rows);
    for (int i = 0; i < r->rows; i++)
        db_array_int(&p, db_int8(r, i, ANSWER_AS_OF));
    db_array_close(&p);
    db_array_open(&p, DB_ARRAY_TIME, r->rows);
    for (int i = 0; i < r->rows; i++)
        db_array_int(&p, db_time(r, i, ANSWER_UNTIL));
    db_array_close(&p);
    add_packed(&p, r);
    db_call(db, &keep_stmt, &p, done, arg);
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
