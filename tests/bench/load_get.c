#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "load.h"

// The text is looked for in the first opt.near bytes of every body, and in the whole of one in
// WHOLE.
enum { PATH = 256, TEXT = 128, WHOLE = 1000 };

struct line {
    uint32_t path, text; // where in `words`
};

static struct line *lines;
static int count;
static struct buf words;
static char tail[128];
static int64_t checked;

static uint32_t kept(const char *word)
{
    size_t at = words.len;
    buf_add(&words, word, strlen(word) + 1);
    return (uint32_t)at;
}

void work_read(void)
{
    int cap = 0;
    char path[PATH], text[TEXT];
    while (scanf("%255s %127s", path, text) == 2) {
        if (count == cap) {
            cap = cap ? 2 * cap : 1024;
            lines = realloc(lines, (size_t)cap * sizeof *lines);
            if (!lines)
                die("out of memory");
        }
        uint32_t at = kept(path);
        lines[count++] = (struct line){at, kept(text)};
    }
    if (count < opt.connections)
        die("fewer lines than connections");
    snprintf(tail, sizeof tail, " HTTP/1.1\r\nHost: %s:%d\r\n\r\n", opt.host, opt.port);
}

bool work_next(int connection, int *turn, struct block *block)
{
    int own = (count - connection + opt.connections - 1) / opt.connections;
    if (opt.rounds && *turn >= own * opt.rounds)
        return false;
    *block = (struct block){connection + *turn % own * opt.connections, false};
    ++*turn;
    return true;
}

void work_compose(const struct block *block, struct buf *out)
{
    buf_reset(out);
    buf_add(out, "GET ", 4);
    buf_text(out, words.data + lines[block->first].path);
    buf_text(out, tail);
}

bool work_check(const struct block *block, const char *reply, size_t head, size_t body)
{
    const char *text = words.data + lines[block->first].text;
    bool whole = checked++ % WHOLE == 0;
    size_t near = (size_t)opt.near, look = whole || body < near ? body : near;
    if (strncmp(reply, "HTTP/1.1 200 ", 13) != 0 || body == 0)
        return false;
    if (look == 0)
        return true;
    return memmem(reply + head, look, text, strlen(text)) != NULL;
}

void work_finish(void)
{
    free(lines);
    buf_finish(&words);
}
