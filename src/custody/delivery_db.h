#pragma once
#include <stdint.h>

#include "base/seal.h"
#include "custody/custody.h"
#include "db/db.h"
#include "http/request.h"

// Delivery in the database (migrations/0009f_delivery.sql, 0009g_invite.sql): each gives one row
// with one json.

void delivery_get(struct db *db, const struct principal *who, const char *number, db_done *done,
                  void *arg);
void delivery_list(struct db *db, const struct principal *who, db_done *done, void *arg);
void delivery_code_issue(struct db *db, const struct principal *who, const char *number,
                         const uint8_t request[16], const uint8_t hash[SEAL_DIGEST_BYTES],
                         db_done *done, void *arg);
void delivery_invite(struct db *db, const struct principal *who, const struct write_id *write,
                     const char *number, db_done *done, void *arg);
void delivery_unclaimed(struct db *db, const struct principal *who, db_done *done, void *arg);
