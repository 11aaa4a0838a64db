#pragma once
#include <stdint.h>

#include "base/clock.h"
#include "db/db.h"
#include "http/request.h"

// The statements of printers and jobs; each calls one SQL function (migrations/0012h_print*). Those
// of the first part give one row with one json.

void print_db_printers(struct db *db, const struct principal *who, const char *unit, db_done *done,
                       void *arg);
void print_db_make(struct db *db, const struct principal *who, const char *body, db_done *done,
                   void *arg);
void print_db_change(struct db *db, const struct principal *who, const uint8_t printer[16],
                     const char *body, db_done *done, void *arg);
void print_db_place(struct db *db, const struct principal *who, const uint8_t printer[16],
                    db_done *done, void *arg);
void print_db_troubles(struct db *db, const char *const *codes, int count, db_done *done,
                       void *arg);
// key and digest as of an idempotent write; key may be NULL.
void print_db_test(struct db *db, const struct principal *who, const uint8_t printer[16],
                   const char *key, const uint8_t digest[32], db_done *done, void *arg);
// measured: tenths of a millimetre; 0: not measured.
void print_db_test_scan(struct db *db, const struct principal *who, const uint8_t printer[16],
                        const char *code, int32_t measured, db_done *done, void *arg);

struct print_jobs {
    const uint8_t *printer; // NULL: any
    const char *state;      // NULL: any
    int64_t after;
    int32_t limit;
};
void print_db_jobs(struct db *db, const struct principal *who, const struct print_jobs *wanted,
                   db_done *done, void *arg);
void print_db_job(struct db *db, const struct principal *who, const uint8_t job[16], db_done *done,
                  void *arg);
void print_db_cancel(struct db *db, const struct principal *who, const uint8_t job[16],
                     db_done *done, void *arg);
void print_db_retry(struct db *db, const struct principal *who, const uint8_t job[16],
                    const char *reason, db_done *done, void *arg);

// --- for the instance that prints (printing/spooler.c) ---
// json: {taken, wait}
void print_db_claim(struct db *db, const uint8_t instance[16], int32_t most, db_done *done,
                    void *arg);
// No row, or for each label of the next sheet, at most `places`: number, facts, sealed, key.
void print_db_next(struct db *db, const uint8_t job[16], const uint8_t instance[16], int32_t places,
                   db_done *done, void *arg);
// bool; remote 0: none
void print_db_begun(struct db *db, const uint8_t job[16], const uint8_t instance[16],
                    int32_t remote, db_done *done, void *arg);
// text: next, ask, cancel, left
void print_db_told(struct db *db, const uint8_t job[16], const uint8_t instance[16],
                   const char *end, const char *trouble, db_done *done, void *arg);
void print_db_kept(struct db *db, const uint8_t instance[16], uint8_t (*jobs)[UUID_BYTES],
                   int count, db_done *done, void *arg);
