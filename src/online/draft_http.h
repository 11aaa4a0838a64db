#pragma once
#include "db/db.h"
#include "http/route.h"
#include "online/draft_db.h"

// What the handlers of drafts share.

// --- who asks: draft_key_http.c
// --------------------------------------------------------------------

// What the database knows a secret by; false: it is none.
must_check bool draft_secret_read(const char *secret, const char *id,
                                  uint8_t holder[SEAL_DIGEST_BYTES]);
// Who asks for the draft of the path's first parameter: the secret in X-Draft-Key counts before the
// account. False: not-found is sent, alike for whoever cannot be its owner.
must_check bool draft_key_read(struct request *req, const char *id, struct draft_key *key);
// The version that If-Match names; 0: the problem is sent, a change must name one.
must_check int32_t draft_version_read(struct request *req);
// From here on the request is the draft owner's, an applicant's.
void draft_become_owner(struct request *req, int64_t owner);
// True: it is too much, and the problem is sent that says in how many seconds there is room.
must_check bool draft_must_wait(struct request *req, int seconds);

// --- what it says: draft_http.c
// --------------------------------------------------------------------

// What the draft of draft_get says. A new reference, or NULL: the problem is sent.
json_t *draft_says(struct request *req, const struct db_result *r);
// Replies with the view of a row, with `says` and what of it would be refused; takes `says`, which
// is NULL for a draft that was filed.
void draft_reply(struct request *req, int status, const struct db_result *r, int col, json_t *says);

extern const struct route draft_routes[];
// submit_http.c, file_http.c, filed_http.c, pickup_http.c
void submit_post(struct request *req);
void file_post(struct request *req);
void file_get(struct request *req);
void file_delete(struct request *req);
extern const struct json_field filed_pickup_body[];
void filed_action_post(struct request *req);
void filed_pickup_put(struct request *req);
void filed_pickup_delete(struct request *req);
extern const struct route pickup_routes[];
