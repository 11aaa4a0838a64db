#include "fuzz_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "http/chunked.h"
#include "http/parse.h"

// Our parser against another one: whatever ours accepts the other accepts as well, with the same
// method, target, fields and body. The other way round ours may be stricter. And ours must see the
// same however the bytes are cut.

static void add_head(struct buf *out, const struct parse *p, const char *data)
{
    buf_add(out, data + p->method.at, p->method.len);
    buf_byte(out, ' ');
    buf_add(out, data + p->target.at, p->target.len);
    for (uint32_t i = 0; i < p->count; i++) {
        buf_byte(out, '\n');
        buf_add(out, data + p->fields[i].name.at, p->fields[i].name.len);
        buf_text(out, ": ");
        buf_add(out, data + p->fields[i].value.at, p->fields[i].value.len);
    }
}

// The head at `data`, given to the parser in pieces that grow by `step`; 0 when there is none.
static size_t read_head(struct parse *p, const char *data, size_t len, size_t step)
{
    enum parse_result result = PARSE_MORE;
    parse_init(p);
    for (size_t have = step < len ? step : len; result == PARSE_MORE; have += step) {
        if (have > len)
            have = len;
        result = parse_head(p, data, have);
        if (have == len)
            break;
    }
    return result == PARSE_DONE ? p->size : 0;
}

// The bytes of the body used; *whole when its end was reached, *bad when it is malformed.
static size_t read_chunks(struct buf *out, const char *data, size_t len, size_t step, bool *whole,
                          bool *bad)
{
    struct chunked c;
    size_t used = 0;
    chunked_init(&c);
    while (used < len && c.state < CHUNKED_DONE) {
        struct chunked_part part;
        size_t have = len - used < step ? len - used : step;
        used += chunked_read(&c, data + used, have, &part);
        buf_add(out, part.data, part.len);
    }
    *whole = c.state == CHUNKED_DONE;
    *bad = c.state == CHUNKED_BAD;
    return used;
}

static size_t read_body(struct parse *p, struct buf *out, const char *data, size_t len, size_t step,
                        bool *whole, bool *bad)
{
    if (p->chunked)
        return read_chunks(out, data, len, step, whole, bad);
    size_t take = p->length < len ? (size_t)p->length : len;
    buf_add(out, data, take);
    *whole = take == p->length;
    *bad = false;
    return take;
}

static void ours_read(struct seen *seen, const char *data, size_t len, size_t step)
{
    struct parse p;
    while (seen->whole < SEEN_MAX && !seen->stopped && len > 0) {
        size_t size = read_head(&p, data, len, step);
        if (size == 0)
            return;
        add_head(&seen->head[seen->heads++], &p, data);
        bool whole, bad;
        size_t used =
            read_body(&p, &seen->body[seen->whole], data + size, len - size, step, &whole, &bad);
        if (!whole)
            return;
        seen->whole++;
        seen->stopped = p.close;
        data += size + used;
        len -= size + used;
    }
}

static void wrong(const char *what, int message, const struct buf *ours, const struct buf *theirs)
{
    fprintf(stderr, "message %d: %s\n--- ours\n%s\n--- theirs\n%s\n", message, what,
            ours && ours->data ? ours->data : "", theirs && theirs->data ? theirs->data : "");
    abort();
}

static bool same(const struct buf *a, const struct buf *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void compare(struct seen *ours, struct seen *theirs)
{
    for (int i = 0; i < ours->heads; i++) {
        if (i >= theirs->heads) {
            if (!theirs->stopped)
                wrong("only ours accepts the head", i, &ours->head[i], &theirs->head[i]);
            return;
        }
        if (!same(&ours->head[i], &theirs->head[i]))
            wrong("heads differ", i, &ours->head[i], &theirs->head[i]);
        if (i < ours->whole && i >= theirs->whole)
            wrong("only ours accepts the body", i, &ours->head[i], &theirs->head[i]);
        if (i < ours->whole && !same(&ours->body[i], &theirs->body[i]))
            wrong("bodies differ", i, &ours->body[i], &theirs->body[i]);
    }
}

static void compare_cut(struct seen *whole, struct seen *cut)
{
    if (whole->heads != cut->heads || whole->whole != cut->whole)
        wrong("the cut changes how much is accepted", whole->heads, NULL, NULL);
    for (int i = 0; i < whole->heads; i++)
        if (!same(&whole->head[i], &cut->head[i]) || !same(&whole->body[i], &cut->body[i]))
            wrong("the cut changes what is read", i, &whole->head[i], &cut->head[i]);
}

static void forget(struct seen *seen)
{
    for (int i = 0; i <= SEEN_MAX; i++) {
        buf_finish(&seen->head[i]);
        buf_finish(&seen->body[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t steps[] = {1, 7};
    struct seen ours = {0}, theirs = {0};
    if (size == 0 || size > 100000)
        return 0;
    ours_read(&ours, (const char *)data, size, size);
    peer_read(&theirs, (const char *)data, size);
    compare(&ours, &theirs);
    for (size_t i = 0; i < countof(steps); i++) {
        struct seen cut = {0};
        ours_read(&cut, (const char *)data, size, steps[i]);
        compare_cut(&ours, &cut);
        forget(&cut);
    }
    forget(&ours);
    forget(&theirs);
    return 0;
}
