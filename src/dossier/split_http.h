#pragma once
#include "base/json.h"
#include "http/request.h"

// POST /v1/dossiers/{code}/split, /group and /pieces: the shapes and the handlers.
extern const struct json_field split_body[], group_body[], pieces_body[];
void split_post(struct request *req);
void group_post(struct request *req);
void pieces_post(struct request *req);
