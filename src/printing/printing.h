#pragma once
#include "http/capability.h"

// Labels on the printers of an office: GET, POST and PUT /v1/printers say which there are and how
// they are, /v1/labels/jobs what became of each print job, and what holds it up.
// GET /v1/labels/page.css is for those who print from the browser instead.
//
// A job is rows of SQL (schema label, migrations/0012h_print*), made together with the copies it
// prints: POST /v1/labels/print of label/, or a printer's test page. The spooler (spooler.h) of any
// instance takes it, and as an errand (errand.h) its labels go out one at a time, over a line:
// line_ipp.c for an IPP printer or a CUPS queue, line_raw.c for port 9100. What is off is tried
// again; what may have come out already is never sent twice, it waits for a person. How a label is
// drawn, and in which language of printers, label/label.h knows.

extern const struct capability printing_capability;
