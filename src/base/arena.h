#pragma once
#include <stdarg.h>
#include <stddef.h>

#include "base/compiler.h"

// Memory that lives exactly as long as its owner, usually one HTTP request: allocate freely, free
// never, finish once. Running out of memory ends the program; no caller checks for NULL.
// Not thread-safe: an arena belongs to one thread at a time.

struct arena_chunk;

struct arena {
    struct arena_chunk *head;
    size_t total; // bytes obtained from the system
};

void arena_init(struct arena *arena);
void arena_finish(struct arena *arena);

// Zeroed, aligned for any type.
void *arena_alloc(struct arena *arena, size_t size);
// Copies of `len` bytes, always NUL-terminated behind the end.
char *arena_copy(struct arena *arena, const void *data, size_t len);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *fmt, ...) printf_like(2, 3);
