#pragma once
#include <stdint.h>

#include "db/db.h"
#include "http/request.h"

// The statements of devices. Each gives one row: the device as JSON, or NULL when there is none
// that the asker may see; the list is one document.

void device_register(struct db *db, const struct principal *who, const uint8_t key[16],
                     const char *name, const uint8_t token_hash[32], int64_t first_seq,
                     db_done *done, void *arg);
void device_get(struct db *db, const struct principal *who, const uint8_t key[16], db_done *done,
                void *arg);
void device_revoke(struct db *db, const struct principal *who, const uint8_t key[16], db_done *done,
                   void *arg);
void device_list(struct db *db, const struct principal *who, int64_t after, int32_t limit,
                 db_done *done, void *arg);
