#pragma once
#include "http/request.h"

// The contract with the post, drawn for printing; the forms of a dossier are paper/'s.
void dispatch_note_get(struct request *req);
