#include <string.h>

#include "base/clock.h"
#include "base/seal.h"
#include "custody/custody.h"
#include "http/respond.h"

// The same account and key always give the same id (RFC 9562 version 8: custom).
static void id_of_key(struct request *req, const char *key, uint8_t id[UUID_BYTES])
{
    uint8_t digest[SEAL_DIGEST_BYTES];
    const char *text =
        arena_printf(&req->arena, "%lld %s %s", (long long)req->who.account, req->path, key);
    seal_digest(text, strlen(text), digest);
    memcpy(id, digest, UUID_BYTES);
    id[6] = (uint8_t)(0x80 | (id[6] & 0x0f));
    id[8] = (uint8_t)(0x80 | (id[8] & 0x3f));
}

bool custody_write_id(struct request *req, struct write_id *out)
{
    const char *given = json_text(req->body, "id");
    if (request_idempotency_key(req, &out->key) != ERR_OK) {
        reply_problem(req, ERR_BAD_REQUEST, NULL);
        return false;
    }
    if (!given || !uuid_parse(given, out->id)) {
        if (out->key)
            id_of_key(req, out->key, out->id);
        else
            uuid_v7(out->id);
    }
    const char *body = req->body ? json_line(&req->arena, req->body, JSON_SORT_KEYS) : "";
    const char *text =
        arena_printf(&req->arena, "%lld %s\n%s", (long long)req->who.account, req->path, body);
    seal_digest(text, strlen(text), out->digest);
    return true;
}
