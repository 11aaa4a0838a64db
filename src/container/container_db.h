#pragma once
#include "custody/custody.h"
#include "db/db.h"

// Each calls one SQL function of the schema container that gives one row with one json.

void container_create(struct db *db, const struct principal *who, const struct write_id *write,
                      const char *kind, const char *origin, const char *destination, db_done *done,
                      void *arg);
void container_close(struct db *db, const struct principal *who, const struct write_id *write,
                     const char *id, const char *seal, db_done *done, void *arg);
void container_get(struct db *db, const char *id, db_done *done, void *arg);
