#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

// Takes the chunked coding (RFC 9112 7.1) off a request's body, strictly and in whatever pieces it
// arrives. Pure. Sizes are one to eight hexadecimal digits; an extension may follow after ";" and
// is passed over, at most 256 bytes of it; trailer fields are refused.

enum chunked_state {
    CHUNKED_SIZE,
    CHUNKED_EXTENSION,
    CHUNKED_SIZE_LF,
    CHUNKED_DATA,
    CHUNKED_DATA_CR,
    CHUNKED_DATA_LF,
    CHUNKED_END_CR,
    CHUNKED_END_LF,
    CHUNKED_DONE,
    CHUNKED_BAD,
};

struct chunked {
    enum chunked_state state;
    uint32_t line; // digits, or bytes of the extension, so far
    uint64_t left; // bytes of the present chunk still to come
};

struct chunked_part {
    const char *data;
    size_t len;
};

void chunked_init(struct chunked *c);
// Reads up to the end of at most one run of data, which is then in *part (len 0: none yet).
// Returns the bytes used; look at c->state for DONE and BAD, else call again with the rest.
must_check size_t chunked_read(struct chunked *c, const char *data, size_t len,
                               struct chunked_part *part);
