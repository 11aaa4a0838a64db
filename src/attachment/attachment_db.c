#include "attachment/attachment_db.h"

#include <string.h>

static const struct db_stmt put_stmt = {
    "attachment.put",
    "select reply, id, all_there from attachment.put($1::int8, $2::int8, $3::int4, $4::jsonb,"
    " $5::int4, $6::bytea, $7::bytea, $8::int4)",
    true};
static const struct db_stmt parts_stmt = {
    "attachment.parts", "select sealed, key from attachment.parts($1::uuid)", false};
static const struct db_stmt finish_stmt = {
    "attachment.finish", "select attachment.finish($1::uuid, $2::text, $3::int4, $4::int4)", true};
static const struct db_stmt drop_stmt = {"attachment.drop_file",
                                         "select attachment.drop_file($1::uuid)", true};
static const struct db_stmt open_stmt = {
    "attachment.open_file", "select attachment.open_file($4::uuid, $1::int8, $2::int8, $3::int4)",
    true};
static const struct db_stmt part_at_stmt = {
    "attachment.part_at", "select sealed, key from attachment.part_at($1::uuid, $2::int4)", false};
static const struct db_stmt list_stmt = {
    "attachment.list", "select attachment.list($1::int8, $2::int8, $3::int4, $4::text, $5::text)",
    false};
static const struct db_stmt remove_stmt = {"attachment.remove",
                                           "select attachment.remove($1::uuid, $2::int8)", true};

static void add_who(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->account);
    db_add_int8(p, who->unit);
    db_add_int4(p, (int32_t)who->roles);
}

void attachment_put(struct db *db, const struct principal *who, const struct attachment_part *part,
                    db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_json(&p, part->what, strlen(part->what));
    db_add_int4(&p, part->at);
    db_add_bytea(&p, part->sealed.data, part->sealed.len);
    db_add_bytea(&p, part->sealed.key, sizeof part->sealed.key);
    db_add_int4(&p, part->len);
    db_call(db, &put_stmt, &p, done, arg);
}

void attachment_parts(struct db *db, const uint8_t id[16], db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, id);
    db_call(db, &parts_stmt, &p, done, arg);
}

void attachment_finish(struct db *db, const uint8_t id[16], const char *media, int width,
                       int height, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, id);
    db_add_text(&p, media);
    db_add_int4(&p, width);
    db_add_int4(&p, height);
    db_call(db, &finish_stmt, &p, done, arg);
}

void attachment_drop(struct db *db, const uint8_t id[16], db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, id);
    db_call(db, &drop_stmt, &p, done, arg);
}

void attachment_open(struct db *db, const struct principal *who, const uint8_t id[16],
                     db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, id);
    db_call(db, &open_stmt, &p, done, arg);
}

void attachment_part_at(struct db *db, const uint8_t id[16], int32_t at, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, id);
    db_add_int4(&p, at);
    db_call(db, &part_at_stmt, &p, done, arg);
}

void attachment_list(struct db *db, const struct principal *who, const char *place, const char *key,
                     db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, place);
    db_add_text(&p, key);
    db_call(db, &list_stmt, &p, done, arg);
}

void attachment_remove(struct db *db, const struct principal *who, const uint8_t id[16],
                       db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, id);
    db_add_int8(&p, who->account);
    db_call(db, &remove_stmt, &p, done, arg);
}
