#pragma once
#include "base/json.h"
#include "base/seal.h"
#include "http/request.h"

// POST /v1/dossiers: the shape of an intake, its parts, and its handler.
enum { WEIGHT_MAX = 30000, PAPERS_MAX = 100, NOTE_MAX = 1000 };
extern const struct json_field applicant_shape[], proxy_shape[], result_shape[], document_item;
extern const struct json_field intake_body[];
void intake_post(struct request *req);
// What the shapes cannot say: telephone numbers and e-mail addresses of the people in a body.
void intake_check_people(const json_t *body, struct json_errors *errors);
// The hash of the first receipt code of the dossier whose id the body has (dossier/receipt_code.h).
void receipt_first(const struct request *req, uint8_t hash[SEAL_DIGEST_BYTES]);
