#pragma once
#include "base/assets.h"
#include "http/route.h"

// Embedded files over HTTP.

// Serves /assets/<name under web/>; the pages' routes are rows of the capabilities.
extern const struct route assets_routes[];
struct request;
// Sends an embedded file; ERR_NOT_FOUND when there is none.
void reply_asset(struct request *req, const char *name);
