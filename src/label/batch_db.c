#include "label/batch_db.h"

#include <string.h>

static const struct db_stmt make_stmt = {
    .name = "label.batch_make",
    .sql = "select label.batch_make($1::text[], $2::jsonb, $3::int8, $4::int8, $5::int4, "
           "$6::text, $7::int4, $8::text, $9::text, $10::bytea)",
    .write = true,
};
static const struct db_stmt of_stmt = {
    .name = "label.batch_of",
    .sql = "select label.batch_of($1::uuid, $2::int8)",
};
static const struct db_stmt begin_stmt = {
    .name = "label.batch_begin",
    .sql = "select label.batch_begin($1::uuid, $2::int8)",
    .write = true,
};
static const struct db_stmt note_stmt = {
    .name = "label.batch_note",
    .sql = "select label.batch_note($1::uuid, $2::int8, $3::int8, $4::int4, $5::int4, $6::int4, "
           "$7::int4)",
    .write = true,
};
static const struct db_stmt page_stmt = {
    .name = "label.batch_page",
    .sql = "select number, facts, sealed, key from label.batch_page($1::uuid, $2::int8, $3::int8, "
           "$4::int4, $5::int4, $6::int4)",
};
static const struct db_stmt ended_stmt = {
    .name = "label.batch_ended",
    .sql = "select label.batch_ended($1::uuid, $2::int4, $3::text, $4::jsonb)",
    .write = true,
};

void batch_db_make(struct db *db, const struct label_batch_ask *ask, const struct label_asker *who,
                   db_done *done, void *arg)
{
    struct db_params p = {0};
    db_array_open(&p, DB_ARRAY_TEXT, ask->count);
    for (int i = 0; i < ask->count; i++)
        db_array_bytes(&p, ask->numbers[i], strlen(ask->numbers[i]));
    db_array_close(&p);
    db_add_json(&p, ask->problems, strlen(ask->problems));
    label_db_add_asker(&p, who);
    db_add_text(&p, ask->template);
    db_add_int4(&p, ask->dpi);
    db_add_text(&p, ask->format);
    db_add_text(&p, ask->key);
    db_add_bytea(&p, ask->digest, 32);
    db_call(db, &make_stmt, &p, done, arg);
}

void batch_db_of(struct db *db, const uint8_t id[16], int64_t actor, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, id);
    db_add_int8(&p, actor);
    db_call(db, &of_stmt, &p, done, arg);
}

void batch_db_begin(struct db *db, const uint8_t id[16], int64_t actor, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, id);
    db_add_int8(&p, actor);
    db_call(db, &begin_stmt, &p, done, arg);
}

static void add_page(struct db_params *p, const struct label_batch_page *page,
                     const struct label_asker *who)
{
    db_add_uuid(p, page->id);
    label_db_add_asker(p, who);
    db_add_int4(p, page->after);
    db_add_int4(p, page->most);
}

void batch_db_note(struct db *db, const struct label_batch_page *page,
                   const struct label_asker *who, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_page(&p, page, who);
    db_add_int4(&p, page->drawn);
    db_call(db, &note_stmt, &p, done, arg);
}

void batch_db_page(struct db *db, const struct label_batch_page *page,
                   const struct label_asker *who, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_page(&p, page, who);
    db_call(db, &page_stmt, &p, done, arg);
}

void batch_db_ended(struct db *db, const uint8_t id[16], int drawn, const char *state,
                    const char *failed, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, id);
    db_add_int4(&p, drawn);
    db_add_text(&p, state);
    db_add_json(&p, failed, strlen(failed));
    db_call(db, &ended_stmt, &p, done, arg);
}
