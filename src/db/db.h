#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/row_json.h"

// PostgreSQL for one event loop, never blocking it: libpq in pipeline mode, prepared statements
// with binary parameters and results, one write connection and conf.database_readers for look-ups,
// a bounded queue in front. A unit of work is ONE statement (usually one SQL function), one
// implicit transaction, one Sync. Its callback runs on the loop's thread, after the Sync that ends
// its transaction: when a write is reported done it is durable. Loop thread only.
//
// The database is conf.database_url (cmd/migrate.h sets it when the database is the embedded one).
// Sessions have search_path '' (write schema.name) and Vietnam's time zone. Units of one kind
// (writes, look-ups) are sent in the order of their calls. What happens to one when things go wrong
// is told in db/unit.h; in short:
//   ERR_BUSY             nothing was done: the queue is full, no connection within 10 s, a look-up
//                        over its time, a lock not had within 2 s, five lost races, disk full
//   ERR_OUTCOME_UNKNOWN  a write was out when the connection was lost: the same id may be sent
//   again

struct loop;
struct db;

struct db *db_create(struct loop *loop); // connects by itself and for ever, says so in the log
// What waits is answered ERR_BUSY, what is in flight ERR_OUTCOME_UNKNOWN (look-ups ERR_BUSY): wait
// for db_idle first. Batches before their db; before loop_finish; never inside a callback of db.
void db_destroy(struct db *db);
bool db_ready(const struct db *db); // connected, and the schema is the program's
// True when nothing waits and nothing is in flight.
bool db_idle(const struct db *db);

// A prepared statement: a static const row. Prepared once a connection, by itself.
struct db_stmt {
    const char *name; // unique, "custody.record_scans"
    const char *sql;  // $1 … with casts that fix the types
    bool write;       // runs on the write connection, has no statement_timeout, is never cancelled;
                      // without it: in a read-only transaction, may be repeated
    bool brief;       // a look-up of a row or two by key: those of one turn of the loop share a
                      // Sync, so that a crowd of them costs few system calls on both sides
};

// --- parameters, binary -------------------------------------------------------------------------
enum { DB_PARAMS_MAX = 24 };

struct db_param {
    uint32_t type; // OID
    const char *data;
    int len; // -1: NULL
};

// Data is copied into `arena`-less memory owned by this struct until db_call returns.
struct db_params {
    int count;
    struct db_param list[DB_PARAMS_MAX];
    struct db_bytes *bytes;
};

void db_params_finish(struct db_params *p); // only when db_call was not reached
void db_add_null(struct db_params *p);
void db_add_bool(struct db_params *p, bool value);
void db_add_int4(struct db_params *p, int32_t value);
void db_add_int8(struct db_params *p, int64_t value);
void db_add_text(struct db_params *p, const char *text); // NULL gives NULL
void db_add_bytea(struct db_params *p, const void *data, size_t len);
void db_add_uuid(struct db_params *p, const uint8_t id[16]); // NULL gives NULL
void db_add_time(struct db_params *p, int64_t at);           // timestamptz from microseconds
void db_add_json(struct db_params *p, const char *json, size_t len); // jsonb from JSON text

// Arrays of `count`: open, add `count` values of the type, close. NULL elements by db_array_null.
enum db_array_kind {
    DB_ARRAY_INT4,
    DB_ARRAY_INT8,
    DB_ARRAY_TEXT,
    DB_ARRAY_UUID,
    DB_ARRAY_TIME,
    DB_ARRAY_JSON,
    DB_ARRAY_BOOL,
    DB_ARRAY_BYTEA
};
void db_array_open(struct db_params *p, enum db_array_kind kind, int count);
void db_array_null(struct db_params *p);
void db_array_int(struct db_params *p, int64_t value);                  // INT4, INT8, BOOL, TIME
void db_array_bytes(struct db_params *p, const void *data, size_t len); // TEXT, UUID, JSON, BYTEA
void db_array_close(struct db_params *p);

// --- results ------------------------------------------------------------------------------------
// Valid only during the callback.
struct db_result {
    enum err err; // ERR_OK, a problem raised by SQL, ERR_BUSY, ERR_OUTCOME_UNKNOWN, ERR_INTERNAL
    bool locked;  // ERR_BUSY because others held rows of it, or won every race for them
    const char *detail; // of a raised problem: JSON object or NULL
    int rows;
    void *pg; // PGresult
};

typedef void db_done(void *arg, const struct db_result *result);

// Takes what `params` holds. `done` is called exactly once, never from inside db_call.
void db_call(struct db *db, const struct db_stmt *stmt, struct db_params *params, db_done *done,
             void *arg);

bool db_is_null(const struct db_result *r, int row, int col);
bool db_bool(const struct db_result *r, int row, int col);
int32_t db_int4(const struct db_result *r, int row, int col);
int64_t db_int8(const struct db_result *r, int row, int col);
int64_t db_time(const struct db_result *r, int row, int col);     // microseconds since 1970
const char *db_text(const struct db_result *r, int row, int col); // NUL-terminated; NULL for NULL
size_t db_len(const struct db_result *r, int row, int col);
const uint8_t *db_uuid(const struct db_result *r, int row, int col);
// jsonb sends a version byte first; this skips it. json and text are given as they are.
const char *db_json(const struct db_result *r, int row, int col, size_t *len);
// Of a call that gives one row with one json; its memory is the result's.
struct row_json db_row_json(const struct db_result *r);

// --- set-based batches --------------------------------------------------------------------------
// What is submitted while a batch is in flight becomes the next batch: one statement, one commit,
// no timer. Two items of equal key never share a batch; the later waits for the next, order kept. A
// batch that raises, or meets a row that is locked, is retried item by item, so that one item never
// hurts its neighbours. Who waits 10 s for a batch is answered ERR_BUSY.

struct db_batch;

struct db_batch_item {
    struct db_batch_item *next; // the batcher's, as is the deadline
    int64_t deadline;           // monotonic; it holds while the item waits
    char key[32];
};

struct db_batch_kind {
    const struct db_stmt *stmt;
    int items_max;
    // Items come sorted by key, so that all batches lock in one order.
    void (*encode)(struct db_params *p, struct db_batch_item *const *items, int count);
    // Once an item. `row` is the result row whose first column (int4) is the item's place, from 1,
    // in `items`; -1 when result->err is not ERR_OK.
    void (*done)(struct db_batch_item *item, const struct db_result *result, int row);
};

// A row for each item, whose first column says which; items without one get ERR_INTERNAL.
struct db_batch *db_batch_create(struct db *db, const struct db_batch_kind *kind);
void db_batch_destroy(struct db_batch *batch);
// False when conf.database_queue items wait already: answer 503.
must_check bool db_batch_submit(struct db_batch *batch, struct db_batch_item *item);
