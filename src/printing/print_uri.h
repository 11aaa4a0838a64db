#pragma once
#include <stdbool.h>

#include "base/compiler.h"

// Where a printer is: ipp://host[:port]/path and ipps:// for IPP (a CUPS queue or the printer
// itself), socket://host[:port] for raw bytes on port 9100. A host is a name, an IPv4 address or an
// IPv6 address in brackets. Nothing else may stand in it: no login, no query.

enum print_scheme { PRINT_IPP, PRINT_IPPS, PRINT_SOCKET };
enum { PRINT_HOST = 254, PRINT_PATH = 201, PRINT_URI = 300 };

struct print_uri {
    enum print_scheme scheme;
    int port;
    char host[PRINT_HOST]; // without brackets
    char path[PRINT_PATH]; // of IPP, from its '/'
    char text[PRINT_URI + 1];
};

must_check bool print_uri_read(const char *text, struct print_uri *out);
