#pragma once
#include "base/json.h"
#include "http/request.h"

// POST /v1/dossiers: the shape of an intake and its handler.
extern const struct json_field intake_body[];
void intake_post(struct request *req);
