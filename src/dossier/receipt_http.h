#pragma once
#include "http/request.h"

// A new code for the applicant's receipt (dossier/receipt_code.h). A repeat with the same
// Idempotency-Key shows the same one again.
void receipt_post(struct request *req);
