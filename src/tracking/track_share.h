#pragma once
#include <jansson.h>

#include "base/buf.h"

// What passes the page on: the link of the dossier by its code under the address that people reach
// the service at (conf.public_url, never the Host of a request), as text and as a QR code. The QR
// is left out where that address does not go into one (label/code.h: label_links). Drawing it is
// the dearest part of a page; it is the same for as long as the dossier lives.
void track_share(struct buf *out, const json_t *view);
