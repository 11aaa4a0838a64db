#pragma once
#include <stdint.h>

#include "base/seal.h"
#include "db/db.h"
#include "http/request.h"

// The SQL functions behind the second factor of tracking and the receipt's code, one a call.

// Counts a try before anything is compared. `by`: "phone" or "code"; `address`: the client's.
// Columns of the one row; all but the first are NULL for a number that nobody knows.
enum { BEGIN_RETRY_AFTER, BEGIN_ID, BEGIN_SEALED, BEGIN_KEY, BEGIN_RECEIPT };
void unlock_begin(struct db *db, const char *key, const char *by, const char *address,
                  db_done *done, void *arg);
// It was right. One row with one json: what is opened, without its people.
void unlock_open(struct db *db, const uint8_t dossier[16], const char *by, const char *address,
                 db_done *done, void *arg);

// {id, issue} of the code that would be issued now.
void receipt_next(struct db *db, const struct principal *who, const char *key, db_done *done,
                  void *arg);
struct receipt_renewal {
    uint8_t dossier[16];
    int32_t issue;
    uint8_t hash[SEAL_DIGEST_BYTES];
    const char *idem; // Idempotency-Key or NULL, with the digest of the request
    uint8_t digest[SEAL_DIGEST_BYTES];
};
void receipt_renew(struct db *db, const struct principal *who, const struct receipt_renewal *r,
                   db_done *done, void *arg);
