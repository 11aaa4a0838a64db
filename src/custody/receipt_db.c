#include "custody/receipt_db.h"

#include <string.h>

static const struct db_stmt heard_stmt = {
    "account.device_heard",
    "select device, key, skew_ms"
    " from account.device_heard($1::int8, $2::int8, $3::uuid, $4::int8)",
    true};
static const struct db_stmt receipt_stmt = {
    "custody.receipt", "select custody.receipt($1::int8, $2::int8[], $3::text[], $4::uuid[])",
    true};
static const struct db_stmt position_stmt = {
    "custody.receipt_position",
    "select case when count(*) = count(l.position) then max(l.position) end"
    " from unnest($1::text[], $2::uuid[]) as u (subject, id)"
    " left join custody.log l on l.subject = u.subject and l.event_id = u.id",
    false};

void device_heard(struct db *db, const struct principal *who, const uint8_t key[UUID_BYTES],
                  const int64_t *skew_ms, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    if (who->device)
        db_add_int8(&p, who->device);
    else
        db_add_null(&p);
    db_add_uuid(&p, key);
    if (skew_ms)
        db_add_int8(&p, *skew_ms);
    else
        db_add_null(&p);
    db_call(db, &heard_stmt, &p, done, arg);
}

static bool is_written(const struct scan *scan)
{
    return !scan->problem && scan->outcome;
}

static int written_count(const struct scan *scans, int count)
{
    int written = 0;
    for (int i = 0; i < count; i++)
        written += is_written(&scans[i]);
    return written;
}

bool receipt_has_events(const struct scan *scans, int count)
{
    return written_count(scans, count) > 0;
}

static void add_events(struct db_params *p, const struct scan *scans, int count)
{
    int written = written_count(scans, count);
    db_array_open(p, DB_ARRAY_TEXT, written);
    for (int i = 0; i < count; i++)
        if (is_written(&scans[i]))
            db_array_bytes(p, scans[i].subject, strlen(scans[i].subject));
    db_array_close(p);
    db_array_open(p, DB_ARRAY_UUID, written);
    for (int i = 0; i < count; i++)
        if (is_written(&scans[i]))
            db_array_bytes(p, scans[i].id, UUID_BYTES);
    db_array_close(p);
}

void receipt_call(struct db *db, int64_t device, const struct scan *scans, int count, db_done *done,
                  void *arg)
{
    struct db_params p = {0};
    if (device)
        db_add_int8(&p, device);
    else
        db_add_null(&p);
    db_array_open(&p, DB_ARRAY_INT8, count);
    for (int i = 0; i < count; i++)
        db_array_int(&p, scans[i].problem == ERR_INTERNAL ? 0 : scans[i].device_seq);
    db_array_close(&p);
    add_events(&p, scans, count);
    db_call(db, &receipt_stmt, &p, done, arg);
}

void position_call(struct db *db, const struct scan *scans, int count, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_events(&p, scans, count);
    db_call(db, &position_stmt, &p, done, arg);
}
