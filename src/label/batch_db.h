#pragma once
#include "label/label_db.h"

// The statements of batches; each calls one SQL function of migrations/0012c.

struct label_batch_ask {
    const char *const *numbers;
    int count;
    const char *problems; // of the numbers that are none: JSON array of {number, problem}
    const char *template, *format, *key; // the idempotency key may be NULL
    int dpi;
    const uint8_t *digest; // 32 bytes, of the request
};
// One row json: {id, total, problems, …}.
void batch_db_make(struct db *db, const struct label_batch_ask *ask, const struct label_asker *who,
                   db_done *done, void *arg);
// One row json: {id, total, drawn, state, format, problems}; NULL: there is none for this person.
void batch_db_of(struct db *db, const uint8_t id[16], int64_t actor, db_done *done, void *arg);
// One row json: {template, dpi, format, total}; NULL as above.
void batch_db_begin(struct db *db, const uint8_t id[16], int64_t actor, db_done *done, void *arg);
struct label_batch_page {
    const uint8_t *id;
    int after, most; // which of its numbers
    int drawn;       // by now
};
// That a page is about to be read; before it is.
void batch_db_note(struct db *db, const struct label_batch_page *page,
                   const struct label_asker *who, db_done *done, void *arg);
// Rows: number text, facts jsonb (NULL: not to be seen), sealed bytea, key bytea.
void batch_db_page(struct db *db, const struct label_batch_page *page,
                   const struct label_asker *who, db_done *done, void *arg);
// `failed` as `problems` above.
void batch_db_ended(struct db *db, const uint8_t id[16], int drawn, const char *state,
                    const char *failed, db_done *done, void *arg);
