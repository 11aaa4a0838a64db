#pragma once
#include <stdint.h>

#include "base/clock.h"
#include "base/seal.h"
#include "db/db.h"
#include "http/request.h"

// The SQL functions of the schema online, one a call.

// Whose draft: as an account, or with the digest of its secret.
struct draft_key {
    uint8_t id[UUID_BYTES];
    int64_t account; // 0: nobody
    bool held;       // by a secret
    uint8_t holder[SEAL_DIGEST_BYTES];
};

// Columns of the one row of draft_get; of draft_begin the first three and how long to wait, in
// seconds (0: it is begun), of draft_save the first and likewise.
enum { DRAFT_VIEW, DRAFT_SEALED, DRAFT_KEY, DRAFT_OWNER, DRAFT_FILED, DRAFT_PROCEDURE };
enum { BEGUN_RETRY_AFTER = 3, SAVED_RETRY_AFTER = 1 };
// Of the one row of draft_take_part.
enum { PART_RETRY_AFTER, PART_OWNER, PART_PROCEDURE };
// Columns of pickups' rows.
enum { VISIT_TOLD, VISIT_SEALED, VISIT_KEY };

void draft_begin(struct db *db, const struct draft_key *key, const char *address,
                 const char *procedure, const struct sealed *says, db_done *done, void *arg);
void draft_get(struct db *db, const struct draft_key *key, db_done *done, void *arg);
void draft_save(struct db *db, const struct draft_key *key, const char *address, int32_t version,
                const struct sealed *says, db_done *done, void *arg);
// A part of a file may come.
void draft_take_part(struct db *db, const struct draft_key *key, const char *address, db_done *done,
                     void *arg);
// One row with one json, as those below.
void draft_drop(struct db *db, const struct draft_key *key, db_done *done, void *arg);
void draft_mine(struct db *db, int64_t account, db_done *done, void *arg);

struct draft_filing;
void draft_submit(struct db *db, const struct draft_key *key, int32_t version,
                  const struct draft_filing *filing, db_done *done, void *arg);
void draft_expire(struct db *db, db_done *done, void *arg);

void pickup_change(struct db *db, const struct draft_key *key, int32_t version, const char *day,
                   const char *half, db_done *done, void *arg);
void pickup_cancel(struct db *db, const struct draft_key *key, int32_t version, db_done *done,
                   void *arg);
void pickups_of(struct db *db, const struct principal *who, const char *day, db_done *done,
                void *arg);
void pickup_days(struct db *db, const char *commune, db_done *done, void *arg);
