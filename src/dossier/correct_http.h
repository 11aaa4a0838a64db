#pragma once
#include "base/json.h"
#include "http/request.h"

// POST /v1/dossiers/{code}/corrections: the shape of a correction and its handler.
extern const struct json_field correction_body[];
void correction_post(struct request *req);
