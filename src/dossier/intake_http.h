#pragma once
#include "base/json.h"
#include "base/seal.h"
#include "dossier/dossier.h"
#include "http/request.h"

// POST /v1/dossiers: the shape of an intake, its parts, and its handler.
enum { WEIGHT_MAX = 30000, PAPERS_MAX = 100, NOTE_MAX = 1000 };
// (the shapes of people and papers, and intake_check_people: dossier/dossier.h)
extern const struct json_field intake_body[];
void intake_post(struct request *req);
// The hash of the first receipt code of the dossier whose id the body has (dossier/receipt_code.h).
void receipt_first(const struct request *req, uint8_t hash[SEAL_DIGEST_BYTES]);
