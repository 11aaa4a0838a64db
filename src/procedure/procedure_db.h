#pragma once
#include "db/db.h"

// One row with one json each.

// args: {q?, agency_level?, post?, level?, next?, limit} as json -> {items, next?}.
void procedure_search(struct db *db, const char *args, db_done *done, void *arg);
// NULL when there is no such procedure.
void procedure_get(struct db *db, const char *code, db_done *done, void *arg);
// What a form of the procedure says (procedure.form); problem not-found.
void procedure_form(struct db *db, const char *code, const char *name, db_done *done, void *arg);
