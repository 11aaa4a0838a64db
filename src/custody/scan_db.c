#include "custody/scan_db.h"

#include <string.h>

enum { BATCH_MAX = 256 };

static const struct db_stmt record_stmt = {
    "custody.record_scans",
    "select ord, outcome, state, holder_kind, holder_ref, holder_name,"
    " case when warnings <> '{}' then array_to_json(warnings)::text end, problem, first::text,"
    " kept"
    " from custody.record_scans($1::int4[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[],"
    " $6::int8[], $7::int8[], $8::int4[], $9::int8[], $10::int8[], $11::text[], $12::text[],"
    " $13::uuid[], $14::text[], $15::text[], $16::jsonb[], $17::bytea[], $18::bytea[],"
    " $19::bytea[], $20::bytea[], $21::bytea[])",
    true};

enum { ORD, OUTCOME, STATE, HOLDER_KIND, HOLDER_REF, HOLDER_NAME, WARNINGS, PROBLEM, FIRST, KEPT };

static const struct scan *scan_of(const struct db_batch_item *item)
{
    return (const struct scan *)((const char *)item - offsetof(struct scan, item));
}

static void add_places(struct db_params *p, int count)
{
    db_array_open(p, DB_ARRAY_INT4, count);
    for (int i = 1; i <= count; i++)
        db_array_int(p, i);
    db_array_close(p);
}

// One array of a member of struct scan, found by its offset.
static void add_texts(struct db_params *p, struct db_batch_item *const *items, int count,
                      enum db_array_kind kind, size_t offset)
{
    db_array_open(p, kind, count);
    for (int i = 0; i < count; i++) {
        const char *text;
        memcpy(&text, (const char *)scan_of(items[i]) + offset, sizeof text);
        if (text)
            db_array_bytes(p, text, strlen(text));
        else
            db_array_null(p);
    }
    db_array_close(p);
}

static void add_numbers(struct db_params *p, struct db_batch_item *const *items, int count,
                        enum db_array_kind kind, size_t offset)
{
    db_array_open(p, kind, count);
    for (int i = 0; i < count; i++) {
        int64_t value;
        memcpy(&value, (const char *)scan_of(items[i]) + offset, sizeof value);
        db_array_int(p, value);
    }
    db_array_close(p);
}

static void add_bytes(struct db_params *p, struct db_batch_item *const *items, int count,
                      enum db_array_kind kind, size_t offset, size_t len)
{
    db_array_open(p, kind, count);
    for (int i = 0; i < count; i++)
        db_array_bytes(p, (const char *)scan_of(items[i]) + offset, len);
    db_array_close(p);
}

static void add_roles(struct db_params *p, struct db_batch_item *const *items, int count)
{
    db_array_open(p, DB_ARRAY_INT4, count);
    for (int i = 0; i < count; i++)
        db_array_int(p, scan_of(items[i])->roles);
    db_array_close(p);
}

static void add_subjects(struct db_params *p, struct db_batch_item *const *items, int count)
{
    db_array_open(p, DB_ARRAY_TEXT, count);
    for (int i = 0; i < count; i++)
        db_array_bytes(p, scan_of(items[i])->subject, strlen(scan_of(items[i])->subject));
    db_array_close(p);
}

static void add_refers(struct db_params *p, struct db_batch_item *const *items, int count)
{
    db_array_open(p, DB_ARRAY_UUID, count);
    for (int i = 0; i < count; i++) {
        const struct scan *scan = scan_of(items[i]);
        if (scan->has_refers)
            db_array_bytes(p, scan->refers, sizeof scan->refers);
        else
            db_array_null(p);
    }
    db_array_close(p);
}

static void add_sealed(struct db_params *p, struct db_batch_item *const *items, int count,
                       size_t offset, size_t len)
{
    db_array_open(p, DB_ARRAY_BYTEA, count);
    for (int i = 0; i < count; i++) {
        const struct sealed *sealed = &scan_of(items[i])->personal;
        if (sealed->len && len)
            db_array_bytes(p, (const char *)sealed + offset, len);
        else if (sealed->len)
            db_array_bytes(p, sealed->data, sealed->len);
        else
            db_array_null(p);
    }
    db_array_close(p);
}

#define TEXTS(member)         add_texts(p, items, count, DB_ARRAY_TEXT, offsetof(struct scan, member))
#define NUMBERS(kind, member) add_numbers(p, items, count, kind, offsetof(struct scan, member))

static void encode(struct db_params *p, struct db_batch_item *const *items, int count)
{
    add_places(p, count);
    add_bytes(p, items, count, DB_ARRAY_UUID, offsetof(struct scan, id), UUID_BYTES);
    add_subjects(p, items, count);
    TEXTS(kind);
    NUMBERS(DB_ARRAY_TIME, at);
    NUMBERS(DB_ARRAY_INT8, account);
    NUMBERS(DB_ARRAY_INT8, unit);
    add_roles(p, items, count);
    NUMBERS(DB_ARRAY_INT8, device);
    NUMBERS(DB_ARRAY_INT8, device_seq);
    TEXTS(container);
    TEXTS(target);
    add_refers(p, items, count);
    TEXTS(reason);
    TEXTS(next_action);
    add_texts(p, items, count, DB_ARRAY_JSON, offsetof(struct scan, data));
    add_bytes(p, items, count, DB_ARRAY_BYTEA, offsetof(struct scan, digest), SEAL_DIGEST_BYTES);
    add_sealed(p, items, count, offsetof(struct sealed, mac), SEAL_MAC_BYTES);
    add_sealed(p, items, count, 0, 0);
    add_sealed(p, items, count, offsetof(struct sealed, key), SEAL_KEY_BYTES);
    add_sealed(p, items, count, offsetof(struct sealed, salt), SEAL_SALT_BYTES);
}

static const char *copied(struct arena *arena, const struct db_result *r, int row, int col)
{
    const char *text = db_text(r, row, col);
    return text ? arena_strdup(arena, text) : NULL;
}

// The id and all that the event tells are those of a scan that is there, but not what was sealed
// with it. `kept` is its salt and the event's mac.
static bool sealed_otherwise(const struct scan *scan, const struct db_result *r, int row)
{
    const uint8_t *kept = (const uint8_t *)db_text(r, row, KEPT);
    if (db_len(r, row, KEPT) != SEAL_SALT_BYTES + SEAL_MAC_BYTES)
        return false;
    return !scan->plain ||
           !seal_fits(scan->plain, strlen(scan->plain), kept, kept + SEAL_SALT_BYTES);
}

static void done(struct db_batch_item *item, const struct db_result *r, int row)
{
    struct scan *scan = container_of(item, struct scan, item);
    struct arena *arena = scan_arena(scan);
    scan->err = r->err;
    if (row >= 0 && sealed_otherwise(scan, r, row)) {
        scan->outcome = "refused";
        scan->problem = ERR_ID_REUSED;
    } else if (row >= 0) {
        scan->outcome = copied(arena, r, row, OUTCOME);
        scan->state = copied(arena, r, row, STATE);
        scan->holder_kind = copied(arena, r, row, HOLDER_KIND);
        scan->holder_ref = copied(arena, r, row, HOLDER_REF);
        scan->holder_name = copied(arena, r, row, HOLDER_NAME);
        scan->warnings = copied(arena, r, row, WARNINGS);
        scan->first = copied(arena, r, row, FIRST);
        if (!db_is_null(r, row, PROBLEM))
            scan->problem = err_by_slug(db_text(r, row, PROBLEM));
    }
    scan_recorded(scan);
}

static const struct db_batch_kind record_kind = {&record_stmt, BATCH_MAX, encode, done};

struct db_batch *scan_batch_create(struct db *db)
{
    return db_batch_create(db, &record_kind);
}

bool scan_submit(struct db_batch *batch, struct scan *scan)
{
    return db_batch_submit(batch, &scan->item);
}
