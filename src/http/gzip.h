#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "http/request.h"

// Bytes made smaller for clients that take gzip (RFC 9110, Content-Encoding).

// The client says that it takes it.
bool request_takes_gzip(const struct request *req);
// From malloc, and its length; NULL where that would not be a tenth smaller. level 1 (quick) to 12.
// Any thread.
char *gzip_bytes(const void *data, size_t size, int level, size_t *len);
