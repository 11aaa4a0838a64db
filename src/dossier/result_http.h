#pragma once
#include "base/arena.h"
#include "http/route.h"

// Routes of the result on line. result_http.c: the agency's side, and what anybody may ask of a
// seal; result_fetch_http.c: the applicant's.
void results_post(struct request *req);
void results_get(struct request *req);
void result_verify_post(struct request *req);
extern const struct json_field results_body[], result_verify_body[];

// With a pass (dossier/result_token.h): the PDF, or its seal.
void result_fetch_post(struct request *req);
extern const struct json_field result_fetch_body[];

struct result_seal;
// The seal of a row of SQL (dossier.result_row with code). False: its key is not in the ring.
must_check bool result_seal_of(const json_t *row, struct result_seal *out);
// Puts a pass in the member download of what the receipt's code opened, where it is allowed.
void result_pass(struct arena *arena, json_t *view, const uint8_t dossier[16]);
