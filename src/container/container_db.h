#pragma once
#include "custody/custody.h"
#include "db/db.h"

// Each calls one SQL function of the schema container that gives one row with one json.

void container_create(struct db *db, const struct principal *who, const struct write_id *write,
                      const char *kind, const char *origin, const char *destination, db_done *done,
                      void *arg);
void container_close(struct db *db, const struct principal *who, const struct write_id *write,
                     const char *id, const char *seal, db_done *done, void *arg);
void container_weigh(struct db *db, const struct principal *who, const struct write_id *write,
                     const char *id, int32_t weight_g, db_done *done, void *arg);
void container_reseal(struct db *db, const struct principal *who, const struct write_id *write,
                      const char *id, const char *seal, const char *reason, db_done *done,
                      void *arg);
void container_checked(struct db *db, const struct principal *who, const struct write_id *write,
                       const char *id, db_done *done, void *arg);
// next: the cursor of its list, NULL at the beginning.
void container_get(struct db *db, const char *id, const char *next, int32_t limit, db_done *done,
                   void *arg);
