#pragma once
#include "http/route.h"

extern const struct route attachment_routes[];

// upload_http.c
extern const struct json_field upload_query[];
void upload_post(struct request *req);
