#pragma once
#include "db/db.h"

// One row with one json. agency_level and by_post may be NULL: any.
void procedure_list(struct db *db, const char *q, const char *agency_level, const bool *by_post,
                    int32_t limit, db_done *done, void *arg);
// NULL when there is no such procedure.
void procedure_get(struct db *db, const char *code, db_done *done, void *arg);
