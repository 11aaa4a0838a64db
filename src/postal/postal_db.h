#pragma once
#include <stdint.h>

#include "db/db.h"

// Look-ups of the postal network; each calls one SQL function of the schema postal and gives one
// row with one json.

struct postal_quote {
    const char *procedure, *from, *to; // codes: procedure, commune, agency
    const char *receiving; // code of the unit that takes the papers over for the agency, or NULL
    const char *service;
    int32_t weight_g;
    bool appointment_note, online;
    const char *fees; // {when?, copies?} as json, or NULL
};

void postal_quote(struct db *db, const struct postal_quote *quote, db_done *done, void *arg);
// kind, q and near may be NULL; staff sees hubs as well.
void postal_units(struct db *db, const char *kind, const char *q, const char *near, bool staff,
                  int32_t limit, db_done *done, void *arg);
void postal_communes(struct db *db, const char *q, const char *province, int32_t limit,
                     db_done *done, void *arg);
void postal_calendar(struct db *db, int32_t year, const char *unit, db_done *done, void *arg);
