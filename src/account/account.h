#pragma once
#include "base/compiler.h"
#include "http/capability.h"

// People and programs that may ask: roles, login by password, sessions, API keys.
//
// A login makes a session: 32 random bytes in the browser's cookie, their SHA-256 in the database.
// The cookie is __Host-dossierpost over https and plain dossierpost on loopback http. Programs and
// devices send `Authorization: Bearer dpk_…` instead. Each loop remembers who a token belongs to
// for at most 30 seconds; a logout, a new password or a disabled account is told to every loop of
// every instance by NOTIFY account.
//
// A device is a phone or scanner that an account registered (POST /v1/devices). It has a token of
// its own, numbers its scans, and the service knows how far off its clock is.

// The same bits as account.role in SQL.
enum role {
    ROLE_APPLICANT = 1,
    ROLE_CLERK = 2,
    ROLE_COURIER = 4,
    ROLE_HUB = 8,
    ROLE_OFFICER = 16,
    ROLE_SUPERVISOR = 32,
    ROLE_ADMIN = 64,
    ROLE_INTEGRATOR = 128,
    ROLE_STAFF = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER | ROLE_SUPERVISOR | ROLE_ADMIN,
};

// Its set-up makes it the server's authenticator (http/auth.h).
extern const struct capability account_capability;

// argon2id, for accounts made on the command line; slow on purpose, never on a loop's thread.
enum { PASSWORD_HASH = 128 };
must_check bool password_hash(const char *password, char out[PASSWORD_HASH]);
// A new API key as text, and what the database keeps of it.
enum { API_KEY_TEXT = 48, TOKEN_HASH = 32 };
void api_key_make(char text[API_KEY_TEXT], uint8_t hash[TOKEN_HASH]);
