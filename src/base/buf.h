#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"

// A growing byte buffer on the heap. Always NUL-terminated behind `len` once anything was added.
// Owner calls buf_finish. Not thread-safe.

struct buf {
    char *data;
    size_t len, cap;
};

void buf_finish(struct buf *buf);
void buf_reset(struct buf *buf); // keeps the memory
void buf_reserve(struct buf *buf, size_t more);
void buf_add(struct buf *buf, const void *data, size_t len);
static inline void buf_text(struct buf *buf,
                            const char *text) // inline: of most the length is known
{
    buf_add(buf, text, strlen(text));
}
void buf_byte(struct buf *buf, char byte);
void buf_printf(struct buf *buf, const char *fmt, ...) printf_like(2, 3);
// A JSON string with its quotes; `text` is UTF-8 of `len` bytes.
void buf_json_string(struct buf *buf, const char *text, size_t len);
// Text for HTML element content and quoted attributes.
void buf_html(struct buf *buf, const char *text);
