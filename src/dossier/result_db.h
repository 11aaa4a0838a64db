#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/seal.h"
#include "db/db.h"
#include "http/request.h"

// The results on line in the database: see migrations/0016_result.sql. One row with one json each.

struct result_wish {
    const char *key;
    uint8_t file[16];
    const char *ref;
    int32_t if_match; // 0: any version
    const char *idem; // Idempotency-Key or NULL, with the digest of the request
    uint8_t digest[SEAL_DIGEST_BYTES];
};
// What is to be signed, or the reply that is to be given again.
void result_next(struct db *db, const struct principal *who, const struct result_wish *wish,
                 db_done *done, void *arg);
// sealed: JSON, as dossier.result_seal takes it.
void result_put(struct db *db, const struct principal *who, const struct result_wish *wish,
                const char *sealed, db_done *done, void *arg);
void result_list(struct db *db, const struct principal *who, const char *key, db_done *done,
                 void *arg);
// NULL in the row: there is nothing for whoever has that pass.
void result_open(struct db *db, const char *key, const uint8_t dossier[16], bool pdf, db_done *done,
                 void *arg);
void result_known(struct db *db, const char *code, int32_t version, const uint8_t signature[64],
                  db_done *done, void *arg);
