#pragma once
#include "db/db.h"

// Where something goes next at the unit `from`: one row with one json. One of commune and number is
// NULL.
void sorting_get(struct db *db, const char *from, const char *commune, const char *number,
                 db_done *done, void *arg);
