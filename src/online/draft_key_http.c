#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/log.h"
#include "http/respond.h"
#include "online/draft_http.h"

// Who asks, of which version, and whether it is too much.

enum { SECRET_BYTES = 32 };

bool draft_secret_read(const char *text, const char *id, uint8_t holder[SEAL_DIGEST_BYTES])
{
    uint8_t secret[SECRET_BYTES];
    char all[160];
    size_t len;
    if (sodium_base642bin(secret, sizeof secret, text, strlen(text), NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        len != sizeof secret)
        return false;
    int size = snprintf(all, sizeof all, "draft\n%s\n%s", id, text);
    seal_digest(all, (size_t)size, holder);
    return true;
}

bool draft_key_read(struct request *req, const char *id, struct draft_key *key)
{
    const char *secret = request_header(req, "X-Draft-Key");
    char text[UUID_TEXT];
    *key = (struct draft_key){.account = req->who.account, .held = secret != NULL};
    bool known = uuid_parse(id, key->id);
    if (known)
        uuid_format(key->id, text);
    bool anybody = secret || (req->who.roles & (ROLE_APPLICANT | ROLE_CLERK));
    if (anybody && known && (!secret || draft_secret_read(secret, text, key->holder)))
        return true;
    reply_problem(req, ERR_NOT_FOUND, NULL);
    return false;
}

int32_t draft_version_read(struct request *req)
{
    const char *text = request_header(req, "If-Match");
    char *end = NULL;
    long version = text && *text == '"' ? strtol(text + 1, &end, 10) : 0;
    if (version > 0 && version <= INT32_MAX && strcmp(end, "\"") == 0)
        return (int32_t)version;
    reply_problem(req, ERR_PRECONDITION_FAILED, NULL);
    return 0;
}

void draft_become_owner(struct request *req, int64_t owner)
{
    req->who = (struct principal){.account = owner, .roles = ROLE_APPLICANT};
}

bool draft_must_wait(struct request *req, int seconds)
{
    if (seconds <= 0)
        return false;
    log_debug("online", req->subject, "an allowance is used up for %d s", seconds);
    reply_header(req, "Retry-After", arena_printf(&req->arena, "%d", seconds));
    reply_problem(req, ERR_TOO_MANY_REQUESTS, NULL);
    return true;
}
