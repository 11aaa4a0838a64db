#pragma once
#include <stdint.h>

#include "base/seal.h"
#include "db/db.h"
#include "http/request.h"

// What the handlers of dossiers share.

// The view in a column, with addresses of ours put in front of its paths. A new reference.
json_t *view_of(struct request *req, const struct db_result *r, int col);
// Replies with it and its ETag (the version). Takes the reference.
void reply_view(struct request *req, int status, json_t *view);
// False when the dossier was not given, or its personal part was erased: the reply is sent then.
must_check bool dossier_given(struct request *req, const struct db_result *r);
// The reply when a personal part cannot be opened: a foreign or lost key must not look like a
// dossier without an applicant.
void dossier_unopened(struct request *req, const char *code);
// What a step of the request `arg` gave: the view, or the problem that was raised.
void dossier_written(void *arg, const struct db_result *r);
// The version that If-Match names: absent or * 0; what is no version of ours one that never is.
int32_t if_match(const struct request *req);
// Of method, path and body, for telling a repeat from a reuse of its id.
void request_digest(struct request *req, uint8_t digest[SEAL_DIGEST_BYTES]);
