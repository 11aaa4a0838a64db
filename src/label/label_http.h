#pragma once
#include "http/route.h"

extern const struct route label_routes[];

// Handlers of verify_http.c.
void label_keys_get(struct request *req);
void label_verify_post(struct request *req);
void label_code_get(struct request *req);
extern const struct json_field label_verify_body[];
