#pragma once
#include "custody/tiles.h"
#include "http/request.h"
#include "http/route.h"

// /v1/integrity/…: signed heads of the log and proofs against them, for anybody; and the evidence
// of a dossier, for staff in its scope (evidence_http.c).
extern const struct route integrity_routes[];

void evidence_get(struct request *req);

// The answer to log_tiles into `tiles`. False when it is none.
struct db_result;
must_check bool tiles_come(struct tiles *tiles, const struct db_result *r);
json_t *proof_json(const struct merkle_proof *proof); // [hex …]
