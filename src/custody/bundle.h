#pragma once
#include <jansson.h>

#include "custody/findings.h"

// Checks an evidence bundle (GET /v1/dossiers/{code}/evidence) with nothing else at hand: the
// checkpoint's signature, each event's hash from its fields, each subject's chain, each event's
// proof. outside (may be NULL): a checkpoint kept elsewhere, which the bundle's must be.
void bundle_verify(const json_t *bundle, const struct checkpoint *outside, struct trust *trust,
                   struct findings *f);
