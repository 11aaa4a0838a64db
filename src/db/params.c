#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/db.h"
#include "db/oid.h"

// The values' memory: pieces that never move once a parameter points into them. The array being
// written is the head and may move until it is closed.
struct db_bytes {
    struct db_bytes *next;
    size_t used, cap;
    enum db_array_kind kind;
    int wanted, written; // elements of an open array
    bool open;
    _Alignas(8) char data[];
};

enum { PIECE = 1024, ARRAY_HEAD = 20 };

static const uint32_t array_oids[] = {OID_INT4_ARRAY, OID_INT8_ARRAY, OID_TEXT_ARRAY,
                                      OID_UUID_ARRAY, OID_TIME_ARRAY, OID_JSONB_ARRAY,
                                      OID_BOOL_ARRAY, OID_BYTEA_ARRAY};
static const uint32_t element_oids[] = {OID_INT4, OID_INT8,  OID_TEXT, OID_UUID,
                                        OID_TIME, OID_JSONB, OID_BOOL, OID_BYTEA};

static struct db_bytes *piece_resize(struct db_bytes *piece, size_t cap)
{
    struct db_bytes *grown = realloc(piece, sizeof *grown + cap);
    if (!grown)
        die("out of memory");
    grown->cap = cap;
    return grown;
}

static struct db_bytes *piece_push(struct db_params *p, size_t cap)
{
    struct db_bytes *piece = piece_resize(NULL, cap);
    *piece = (struct db_bytes){.next = p->bytes, .cap = cap};
    p->bytes = piece;
    return piece;
}

static char *take(struct db_params *p, size_t len)
{
    struct db_bytes *piece = p->bytes;
    if (!piece || piece->cap - piece->used < len)
        piece = piece_push(p, len > PIECE ? len : PIECE);
    char *at = piece->data + piece->used;
    piece->used += (len + 7) & ~(size_t)7;
    if (piece->used > piece->cap)
        piece->used = piece->cap;
    return at;
}

static struct db_param *param(struct db_params *p, uint32_t type)
{
    if (p->count == DB_PARAMS_MAX || (p->bytes && p->bytes->open))
        die("a statement's parameters are put together wrongly");
    struct db_param *one = &p->list[p->count++];
    *one = (struct db_param){.type = type, .len = -1};
    return one;
}

static char *param_bytes(struct db_params *p, uint32_t type, size_t len)
{
    struct db_param *one = param(p, type);
    char *at = take(p, len + 1);
    at[len] = 0;
    one->data = at;
    one->len = (int)len;
    return at;
}

void db_params_finish(struct db_params *p)
{
    while (p->bytes) {
        struct db_bytes *next = p->bytes->next;
        free(p->bytes);
        p->bytes = next;
    }
    p->count = 0;
}

void db_add_null(struct db_params *p)
{
    param(p, 0);
}

void db_add_bool(struct db_params *p, bool value)
{
    *param_bytes(p, OID_BOOL, 1) = value;
}

void db_add_int4(struct db_params *p, int32_t value)
{
    uint32_t wire = htobe32((uint32_t)value);
    memcpy(param_bytes(p, OID_INT4, sizeof wire), &wire, sizeof wire);
}

static void add_wide(struct db_params *p, uint32_t type, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);
    memcpy(param_bytes(p, type, sizeof wire), &wire, sizeof wire);
}

void db_add_int8(struct db_params *p, int64_t value)
{
    add_wide(p, OID_INT8, value);
}

void db_add_time(struct db_params *p, int64_t at)
{
    add_wide(p, OID_TIME, at - POSTGRES_EPOCH);
}

static void add_raw(struct db_params *p, uint32_t type, const void *data, size_t len)
{
    if (!data)
        param(p, type);
    else if (len == 0)
        param_bytes(p, type, 0);
    else
        memcpy(param_bytes(p, type, len), data, len);
}

void db_add_text(struct db_params *p, const char *text)
{
    add_raw(p, OID_TEXT, text, text ? strlen(text) : 0);
}

void db_add_bytea(struct db_params *p, const void *data, size_t len)
{
    add_raw(p, OID_BYTEA, data, len);
}

void db_add_uuid(struct db_params *p, const uint8_t id[16])
{
    add_raw(p, OID_UUID, id, 16);
}

void db_add_json(struct db_params *p, const char *json, size_t len)
{
    if (!json) {
        param(p, OID_JSONB);
        return;
    }
    char *at = param_bytes(p, OID_JSONB, len + 1);
    at[0] = JSONB_VERSION;
    memcpy(at + 1, json, len);
}

static char *array_grow(struct db_params *p, size_t len)
{
    struct db_bytes *piece = p->bytes;
    if (piece->cap - piece->used < len) {
        piece = piece_resize(piece, 2 * piece->cap + len);
        p->bytes = piece;
    }
    char *at = piece->data + piece->used;
    piece->used += len;
    return at;
}

static void put4(char *at, uint32_t value)
{
    uint32_t wire = htobe32(value);
    memcpy(at, &wire, sizeof wire);
}

static char *element(struct db_params *p, size_t len)
{
    if (!p->bytes || !p->bytes->open || p->bytes->written == p->bytes->wanted)
        die("an array parameter is put together wrongly");
    p->bytes->written++;
    char *at = array_grow(p, 4 + len);
    put4(at, (uint32_t)len);
    return at + 4;
}

void db_array_open(struct db_params *p, enum db_array_kind kind, int count)
{
    param(p, array_oids[kind]);
    struct db_bytes *piece = piece_push(p, ARRAY_HEAD + 16 * (size_t)count);
    piece->kind = kind;
    piece->wanted = count;
    piece->open = true;
    char *head = array_grow(p, count ? ARRAY_HEAD : ARRAY_HEAD - 8);
    put4(head, count ? 1 : 0); // dimensions
    put4(head + 4, 0);         // whether an element is NULL
    put4(head + 8, element_oids[kind]);
    if (count) {
        put4(head + 12, (uint32_t)count);
        put4(head + 16, 1); // first subscript
    }
}

void db_array_null(struct db_params *p)
{
    char *data = element(p, 0);
    put4(data - 4, UINT32_MAX);
    put4(p->bytes->data + 4, 1);
}

void db_array_int(struct db_params *p, int64_t value)
{
    enum db_array_kind kind = p->bytes ? p->bytes->kind : DB_ARRAY_TEXT;
    if (kind == DB_ARRAY_BOOL) {
        *element(p, 1) = value != 0;
    } else if (kind == DB_ARRAY_INT4) {
        put4(element(p, 4), (uint32_t)value);
    } else {
        uint64_t wire = htobe64((uint64_t)(kind == DB_ARRAY_TIME ? value - POSTGRES_EPOCH : value));
        memcpy(element(p, sizeof wire), &wire, sizeof wire);
    }
}

void db_array_bytes(struct db_params *p, const void *data, size_t len)
{
    if (!data) {
        db_array_null(p);
        return;
    }
    bool json = p->bytes && p->bytes->kind == DB_ARRAY_JSON;
    char *at = element(p, len + json);
    if (json)
        *at++ = JSONB_VERSION;
    if (len)
        memcpy(at, data, len);
}

void db_array_close(struct db_params *p)
{
    struct db_bytes *piece = p->bytes;
    if (!piece || !piece->open || piece->written != piece->wanted)
        die("an array parameter is put together wrongly");
    piece->open = false;
    struct db_param *one = &p->list[p->count - 1];
    one->data = piece->data;
    one->len = (int)piece->used;
    piece->used = piece->cap; // closed for others
}
