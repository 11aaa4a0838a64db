#pragma once
#include "base/buf.h"
#include "http/request.h"

// The few plain pages http itself serves (problems, documentation): one frame, one small style
// sheet, nothing from elsewhere, readable without scripts.

void page_open(struct buf *out, const struct request *req, const char *title);
// Ends the page, replies with it and frees the buffer.
void page_reply(struct buf *out, struct request *req, int status);
