#pragma once
#include "http/request.h"

// Papers of a dossier, drawn for printing.
void paper_get(struct request *req);
