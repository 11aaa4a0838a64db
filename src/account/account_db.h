#pragma once
#include <stdint.h>

#include "db/db.h"

// The statements of accounts; each calls one SQL function of the schema account.

// One row: retry_after int4 (0: go on), account int8 or NULL, password hash text or NULL.
void account_login_begin(struct db *db, const char *login, const char *address, db_done *done,
                         void *arg);
void account_login_open(struct db *db, int64_t account, const char *login, const char *address,
                        const uint8_t token_hash[32], db_done *done, void *arg);
void account_logout(struct db *db, const uint8_t session[16], db_done *done, void *arg);
// One row json.
void account_me(struct db *db, int64_t account, db_done *done, void *arg);

// No row, or: account int8, unit int8, roles int4, login, name, unit code text, session uuid (NULL:
// an API key), expires timestamptz (NULL: never), device int8 or NULL.
enum {
    WHO_ACCOUNT,
    WHO_UNIT,
    WHO_ROLES,
    WHO_LOGIN,
    WHO_NAME,
    WHO_UNIT_CODE,
    WHO_UNIT_NAME,
    WHO_SESSION,
    WHO_ENDS,
    WHO_DEVICE
};
void account_who(struct db *db, const uint8_t token_hash[32], db_done *done, void *arg);
