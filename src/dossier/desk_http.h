#pragma once
#include "base/json.h"
#include "http/request.h"

// The agency's desk: its lists, and what one agency asks another about a dossier. A question
// changes no status and stops no clock of the dossier; it has a time of its own, by the calendar of
// the agency that is asked.

// GET /v1/inbox
extern const struct json_field inbox_query[];
void inbox_get(struct request *req);

// POST /v1/dossiers/{code}/questions, …/{id}/answer, …/{id}/end
extern const struct json_field question_body[], answer_body[], end_body[];
void question_post(struct request *req);
void answer_post(struct request *req);
void question_end_post(struct request *req);
