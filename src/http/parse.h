#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"

// The head of an HTTP/1.1 request (RFC 9112), byte for byte and strictly. Pure: no I/O and no
// memory but the struct. The caller keeps the bytes of the head together and gives all it has so
// far each time; lines seen before are not looked at again, so a dripped head costs no more than
// a whole one. What is refused here although other parsers take it: bare CR or LF, every control
// character, obs-fold, space around a field's name, unknown methods, any version but 1.1, no Host
// or several, a Content-Length that is repeated or not plain digits, Content-Length beside
// Transfer-Encoding, any transfer coding but one "chunked", a fragment or a bad percent escape in
// the target. tests/fuzz/fuzz_http.c holds it against a second parser.

enum { PARSE_LINE_MAX = 8192, PARSE_HEADERS_MAX = 16384, PARSE_FIELDS_MAX = 100 };

struct parse_span {
    uint32_t at, len; // offset from the first byte given
};

struct parse_field {
    struct parse_span name, value; // value without blanks around it
};

enum parse_result { PARSE_MORE, PARSE_DONE, PARSE_BAD };

struct parse {
    uint32_t scanned; // no line end before this
    uint32_t line;    // where the present line begins
    uint32_t headers; // where the fields begin; 0 before the request line was read
    uint32_t size;    // of the whole head, when done
    struct parse_span method, target;
    struct parse_span host; // value of the one Host
    uint64_t length;        // of the body, unless chunked
    bool has_host, has_length, chunked;
    bool close;   // Connection: close
    bool expect;  // Expect: 100-continue
    enum err err; // when bad
    const char *why;
    uint32_t count;
    struct parse_field fields[PARSE_FIELDS_MAX]; // the first `count` are set
};

void parse_init(struct parse *p);
// `data` begins with the first byte of the request each time and never shrinks.
must_check enum parse_result parse_head(struct parse *p, const char *data, size_t len);

// host, host:port, [::1]:port; nothing else.
must_check bool parse_host_valid(const char *text, size_t len);
