#pragma once
#include <jansson.h>

#include "http/request.h"
#include "paper/paper_db.h"

// What is asked for; in the request's arena. Of a dossier {code} comes before {name} in the path;
// of anything else behind it.
struct paper_wish paper_wish_of(struct request *req, bool dossier, const json_t *args);
// Ends the request with the current copy, drawn. It is read page by page, a look-up each, and after
// each page it is recorded whose people are on it; opened, joined and drawn it is by the crew, so
// that a register of thousands holds up neither the loop nor the writes.
void paper_reply(struct request *req, bool dossier);
