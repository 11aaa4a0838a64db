#pragma once
#include <stdint.h>

#include "base/seal.h"
#include "db/db.h"
#include "http/request.h"

// Files in the database: see migrations/0009h_attachment*.sql.

struct attachment_part {
    const char *what; // JSON, as attachment.put takes it
    int32_t at, len;
    struct sealed sealed;
};

// Columns of attachment_put's one row; of attachment_parts' and attachment_part_at's rows.
enum { PUT_REPLY, PUT_ID, PUT_ALL_THERE };
enum { PART_SEALED, PART_KEY };

void attachment_put(struct db *db, const struct principal *who, const struct attachment_part *part,
                    db_done *done, void *arg);
void attachment_parts(struct db *db, const uint8_t id[16], db_done *done, void *arg);
// One row with one json.
void attachment_finish(struct db *db, const uint8_t id[16], const char *media, int width,
                       int height, db_done *done, void *arg);
void attachment_drop(struct db *db, const uint8_t id[16], db_done *done, void *arg);
// One row with one json: {media, size}; the reading is recorded.
void attachment_open(struct db *db, const struct principal *who, const uint8_t id[16],
                     db_done *done, void *arg);
// No row behind the last part.
void attachment_part_at(struct db *db, const uint8_t id[16], int32_t at, db_done *done, void *arg);
// place: "dossier" or "draft". One row with one json.
void attachment_list(struct db *db, const struct principal *who, const char *place, const char *key,
                     db_done *done, void *arg);
void attachment_remove(struct db *db, const struct principal *who, const uint8_t id[16],
                       db_done *done, void *arg);
