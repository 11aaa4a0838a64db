#pragma once
#include <stdint.h>

#include "base/seal.h"
#include "db/db.h"
#include "http/request.h"

// Files in the database: see migrations/0009h_attachment.sql.

struct attachment_part {
    const char *number, *ref, *kind;
    int32_t size, at, len;
    struct sealed sealed;
};

// Columns of attachment_put's one row; of attachment_parts' and attachment_get's rows.
enum { PUT_REPLY, PUT_ID, PUT_ALL_THERE };
enum { PART_SEALED, PART_KEY, PART_MEDIA };

void attachment_put(struct db *db, const struct principal *who, const struct attachment_part *part,
                    db_done *done, void *arg);
void attachment_parts(struct db *db, const uint8_t id[16], db_done *done, void *arg);
// One row with one json.
void attachment_finish(struct db *db, const uint8_t id[16], const char *media, int width,
                       int height, db_done *done, void *arg);
void attachment_drop(struct db *db, const uint8_t id[16], db_done *done, void *arg);
void attachment_get(struct db *db, const struct principal *who, const uint8_t id[16], db_done *done,
                    void *arg);
