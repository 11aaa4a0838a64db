#pragma once
#include "base/json.h"
#include "base/seal.h"
#include "http/capability.h"

// The dossier: intake, what may be done with it, and what a second factor opens of it.
//
// SQL (schema dossier) holds the rules and makes the documents; nothing personal ever reaches it in
// the clear. This part checks the shape of what comes in, seals the personal members (base/seal.h)
// and puts them back for staff whose reading the database has allowed and recorded. The second
// factor (the last four digits of the applicant's telephone, or the code on the receipt) opens more
// than tracking/ shows to everybody, masked; its tries are counted in the database, for the number
// and the address.
extern const struct capability dossier_capability;
extern const struct capability unlock_capability;

// A result on line is a PDF that the agency sends as an attachment of its dossier and that the
// service seals (dossier/result_seal.h) with the ring "result" of its keys; the receipt's code
// opens it.
extern const struct capability result_capability;

// --- for filing on line (online/) ----------------------------------------------------------------

// The shapes of people, papers and fees in an intake, and what they cannot say: telephone numbers
// and e-mail addresses of the people in a body.
extern const struct json_field applicant_shape[], address_shape[], proxy_shape[], result_shape[],
    fees_shape[], document_item;
void intake_check_people(const json_t *body, struct json_errors *errors);

// What dossier.intake takes of an intake's body: its public part as JSON, the people and the form
// sealed, a digest of it all, and the hash of its receipt's first code. In the arena.
struct dossier_filing {
    const char *body;
    struct sealed personal;
    uint8_t digest[SEAL_DIGEST_BYTES], receipt[SEAL_DIGEST_BYTES];
};
void dossier_filing(struct arena *arena, const json_t *body, struct dossier_filing *out);
// POST /v1/dossiers/{key}/actions, with that body, for whoever req->who is.
extern const struct json_field dossier_action_body[];
void dossier_action(struct request *req, const char *key);
// Puts the receipt's code and this service's address into a view of SQL's.
void dossier_show(struct request *req, json_t *view);
// The sealed people of a dossier. A new reference, or NULL when they cannot be opened.
json_t *dossier_people(struct arena *arena, const void *sealed, size_t len, const void *key,
                       size_t key_len);
