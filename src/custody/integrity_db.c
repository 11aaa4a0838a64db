#include "custody/integrity_db.h"

#include <string.h>

static const struct db_stmt state_stmt = {
    "custody.log_state", "select origin, last, size, blocks from custody.log_state()", false};
static const struct db_stmt leaves_stmt = {
    "custody.leaves", "select coalesce(custody.leaves($1::int8, $2::int4), '')", false};
static const struct db_stmt tiles_stmt = {
    "custody.tiles", "select ord, coalesce(hashes, '') from custody.tiles($1::int4[], $2::int8[])",
    false};
static const struct db_stmt put_stmt = {
    "custody.checkpoint_put",
    "select custody.checkpoint_put($1::int8, $2::bytea, $3::timestamptz, $4::bytea, $5::bytea,"
    " $6::int4[], $7::int8[], $8::bytea[])",
    true};
static const struct db_stmt get_stmt = {
    "custody.checkpoint_of",
    "select origin, size, root, at, key, signature from custody.checkpoint_of($1::int8)", false};
static const struct db_stmt event_stmt = {"custody.position_of",
                                          "select custody.position_of($1::text, $2::uuid), c.*"
                                          " from custody.checkpoint_of($3::int8) c",
                                          false};
static const struct db_stmt evidence_stmt = {
    "dossier.evidence",
    "select * from dossier.evidence($4::text, $1::int8, $2::int8, $3::int4, $5::int8)", true};

static void add_size(struct db_params *p, uint64_t size)
{
    if (size)
        db_add_int8(p, (int64_t)size);
    else
        db_add_null(p);
}

void log_state(struct db *db, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_call(db, &state_stmt, &p, done, arg);
}

void log_leaves(struct db *db, uint64_t after, int most, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, (int64_t)after);
    db_add_int4(&p, most);
    db_call(db, &leaves_stmt, &p, done, arg);
}

void log_tiles(struct db *db, const struct tiles *tiles, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_array_open(&p, DB_ARRAY_INT4, tiles->count);
    for (int i = 0; i < tiles->count; i++)
        db_array_int(&p, tiles->list[i].level);
    db_array_close(&p);
    db_array_open(&p, DB_ARRAY_INT8, tiles->count);
    for (int i = 0; i < tiles->count; i++)
        db_array_int(&p, (int64_t)tiles->list[i].index);
    db_array_close(&p);
    db_call(db, &tiles_stmt, &p, done, arg);
}

static void add_rows(struct db_params *p, const struct tree_row *rows, int count)
{
    db_array_open(p, DB_ARRAY_INT4, count);
    for (int i = 0; i < count; i++)
        db_array_int(p, rows[i].level);
    db_array_close(p);
    db_array_open(p, DB_ARRAY_INT8, count);
    for (int i = 0; i < count; i++)
        db_array_int(p, (int64_t)rows[i].index);
    db_array_close(p);
    db_array_open(p, DB_ARRAY_BYTEA, count);
    for (int i = 0; i < count; i++)
        db_array_bytes(p, rows[i].hash.bytes, MERKLE_HASH);
    db_array_close(p);
}

void checkpoint_put(struct db *db, const struct checkpoint *c, const struct tree_row *rows,
                    int count, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, (int64_t)c->size);
    db_add_bytea(&p, c->root.bytes, sizeof c->root.bytes);
    db_add_time(&p, c->at);
    db_add_bytea(&p, c->key, sizeof c->key);
    db_add_bytea(&p, c->signature, sizeof c->signature);
    add_rows(&p, rows, count);
    db_call(db, &put_stmt, &p, done, arg);
}

void checkpoint_get(struct db *db, uint64_t size, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_size(&p, size);
    db_call(db, &get_stmt, &p, done, arg);
}

static bool bytes(const struct db_result *r, int col, void *out, size_t size)
{
    if (db_len(r, 0, col) != size)
        return false;
    memcpy(out, db_text(r, 0, col), size);
    return true;
}

bool checkpoint_row(const struct db_result *r, int col, struct checkpoint *out)
{
    const uint8_t *origin = db_uuid(r, 0, col);
    if (!origin)
        return false;
    uuid_format(origin, out->origin);
    out->size = (uint64_t)db_int8(r, 0, col + 1);
    out->at = db_time(r, 0, col + 3);
    return bytes(r, col + 2, out->root.bytes, sizeof out->root.bytes) &&
           bytes(r, col + 4, out->key, sizeof out->key) &&
           bytes(r, col + 5, out->signature, sizeof out->signature);
}

void proof_of_event(struct db *db, const char *subject, const uint8_t event[16], uint64_t size,
                    db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_text(&p, subject);
    db_add_uuid(&p, event);
    add_size(&p, size);
    db_call(db, &event_stmt, &p, done, arg);
}

void dossier_evidence(struct db *db, const struct principal *who, const char *key, uint64_t size,
                      db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    db_add_int8(&p, who->unit);
    db_add_int4(&p, (int32_t)who->roles);
    db_add_text(&p, key);
    add_size(&p, size);
    db_call(db, &evidence_stmt, &p, done, arg);
}
