#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { CHUNK = 8192, ALIGN = 16 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;
    _Alignas(ALIGN) char data[];
};

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

void arena_finish(struct arena *arena)
{
    struct arena_chunk *next;
    for (struct arena_chunk *chunk = arena->head; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    *arena = (struct arena){0};
}

static struct arena_chunk *grow(struct arena *arena, size_t size)
{
    size_t room = size > CHUNK ? size : CHUNK;
    struct arena_chunk *chunk = malloc(sizeof *chunk + room);
    if (!chunk)
        die("out of memory (%zu bytes)", room);
    chunk->used = 0;
    chunk->size = room;
    arena->total += sizeof *chunk + room;
    // A chunk made for one large thing is full at once: keep filling the one before it.
    if (size > CHUNK && arena->head) {
        chunk->next = arena->head->next;
        arena->head->next = chunk;
    } else {
        chunk->next = arena->head;
        arena->head = chunk;
    }
    return chunk;
}

static void *take(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        die("allocation of %zu bytes", size);
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct arena_chunk *chunk = arena->head;
    if (!chunk || chunk->size - chunk->used < size)
        chunk = grow(arena, size);
    void *out = chunk->data + chunk->used;
    chunk->used += size;
    return out;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(take(arena, size), 0, size);
}

char *arena_copy(struct arena *arena, const void *data, size_t len)
{
    char *out = take(arena, len + 1);
    if (len > 0)
        memcpy(out, data, len);
    out[len] = '\0';
    return out;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        die("a format that cannot be printed: %s", fmt);
    char *out = take(arena, (size_t)len + 1);
    vsnprintf(out, (size_t)len + 1, fmt, again);
    va_end(again);
    return out;
}
