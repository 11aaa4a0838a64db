#pragma once
#include "http/route.h"

extern const struct route label_routes[];

// Handlers of verify_http.c.
void label_keys_get(struct request *req);
void label_verify_post(struct request *req);
void label_code_get(struct request *req);
extern const struct json_field label_verify_body[];

// Handlers of batch_http.c and batch_stream_http.c.
void batch_post(struct request *req);
void batch_get(struct request *req);
void batch_stream_get(struct request *req);
extern const struct json_field batch_body[];
enum { BATCH_BODY_MAX = 512 * 1024 };

// What several of them say.
void label_wrong_choice(struct request *req, const char *pointer, const char *vi, const char *en);
void label_wrong_template(struct request *req);
void label_wrong_paper(struct request *req); // ESC/POS
void label_wrong_dpi(struct request *req);
