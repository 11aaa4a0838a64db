#pragma once
#include <stdint.h>

#include "custody/custody.h"
#include "db/db.h"
#include "http/request.h"

// Commands and look-ups of custody; each calls one SQL function that gives one row with one json.

void custody_held(struct db *db, const struct principal *who, db_done *done, void *arg);
void custody_thing(struct db *db, const struct principal *who, const char *subject, db_done *done,
                   void *arg);
// {kinds, states, transitions, warnings, reasons, next_actions}: every word and every allowed step.
extern const char custody_vocabulary_sql[];
void custody_vocabulary(struct db *db, db_done *done, void *arg);

void handover_create(struct db *db, const struct principal *who, const struct write_id *write,
                     const char *to, const char *const *subjects, int count, db_done *done,
                     void *arg);
// findings: JSON array [{number, finding, …}], or NULL.
void handover_sign(struct db *db, const struct principal *who, const struct write_id *write,
                   const uint8_t id[16], const char *findings, bool accept_all, db_done *done,
                   void *arg);
void handover_get(struct db *db, const struct principal *who, const uint8_t id[16], db_done *done,
                  void *arg);
// With what its paper says of both sides.
void handover_paper_get(struct db *db, const struct principal *who, const uint8_t id[16],
                        db_done *done, void *arg);
void handover_list(struct db *db, const struct principal *who, db_done *done, void *arg);

// place: of what the unit holds, else of what the person holds.
void count_add(struct db *db, const struct principal *who, const uint8_t id[16], bool place,
               const char *const *subjects, int count, db_done *done, void *arg);
void count_close(struct db *db, const struct principal *who, const uint8_t id[16], db_done *done,
                 void *arg);
void count_get(struct db *db, const struct principal *who, const uint8_t id[16], db_done *done,
               void *arg);
