#pragma once
#include <stdint.h>

#include "db/db.h"

// The statements of labels; each calls one SQL function of the schema label (migrations/0012).

struct label_asker {
    int64_t account, unit;
    uint32_t roles;
};
void label_db_add_asker(struct db_params *p, const struct label_asker *who); // int8, int8, int4

// What is to be drawn of that number, and so which function of SQL tells it.
enum label_about { LABEL_OF_SHIPMENT, LABEL_OF_BAG, LABEL_OF_INVITATION };
// One row: facts jsonb, sealed bytea, key bytea (both NULL: nothing personal, or erased).
void label_db_data(struct db *db, enum label_about about, const char *number,
                   const struct label_asker *who, db_done *done, void *arg);

struct label_print {
    const char *const *numbers;
    int count;
    const char *template, *reason, *key; // reason and idempotency key may be NULL
    const uint8_t *printer;              // NULL: on none; else template may be NULL, its own
    const uint8_t *digest;               // 32 bytes, of the request
};
// One row json: [{number, copy} | {number, problem}]; on a printer {labels: that, template, job?}.
void label_db_print(struct db *db, const struct label_print *print, const struct label_asker *who,
                    db_done *done, void *arg);

// One row json: {copy, office}.
void label_db_known(struct db *db, const char *number, int32_t office, db_done *done, void *arg);
