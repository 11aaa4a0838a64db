#pragma once
#include "http/request.h"

// The register as CSV (RFC 4180, UTF-8 with its mark so that spreadsheets read it rightly): page by
// page, each read when the client has taken the one before, so that a whole year costs no more
// memory than a page.
void register_csv_get(struct request *req);
