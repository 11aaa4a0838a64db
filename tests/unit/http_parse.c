#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "http/chunked.h"
#include "http/parse.h"

static enum err parse_whole(const char *data, size_t len, struct parse *p)
{
    parse_init(p);
    enum parse_result result = parse_head(p, data, len);
    return result == PARSE_DONE ? ERR_OK : result == PARSE_BAD ? p->err : ERR_COUNT;
}

// The same head, one byte more each time, must end the same way at the same place.
static enum err parse_dripped(const char *data, size_t len, struct parse *p)
{
    parse_init(p);
    for (size_t have = 1; have <= len; have++) {
        enum parse_result result = parse_head(p, data, have);
        if (result != PARSE_MORE)
            return result == PARSE_DONE ? ERR_OK : p->err;
    }
    return ERR_COUNT;
}

struct example {
    const char *text;
    size_t len;
    enum err err;
};

#define EXAMPLE(text, err) \
    { \
        text, sizeof(text) - 1, err \
    }
#define H "Host: a\r\n"

static const struct example examples[] = {
    EXAMPLE("GET / HTTP/1.1\r\n" H "\r\n", ERR_OK),
    EXAMPLE("\r\nGET / HTTP/1.1\r\n" H "\r\n", ERR_OK),
    EXAMPLE("\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET /a?b=%41&c=d HTTP/1.1\r\nhOsT:\ta:80 \t\r\n\r\n", ERR_OK),
    EXAMPLE("OPTIONS * HTTP/1.1\r\n" H "\r\n", ERR_OK),
    EXAMPLE("GET http://a/x?y HTTP/1.1\r\n" H "\r\n", ERR_OK),
    EXAMPLE("GET http://a HTTP/1.1\r\n" H "\r\n", ERR_OK),
    EXAMPLE("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", ERR_OK),
    EXAMPLE("GET / HTTP/1.1\r\n" H "A: \xc4\x91\r\n\r\n", ERR_OK),
    EXAMPLE("GET / HTTP/1.1\r\n" H "A:\r\n\r\n", ERR_OK),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", ERR_OK),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n", ERR_OK),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Expect: 100-continue\r\n\r\n", ERR_OK),
    // request line
    EXAMPLE("GET * HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET  / HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET /  HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1 \r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE(" GET / HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET\t/ HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET /\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET x HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("get / HTTP/1.1\r\n" H "\r\n", ERR_NOT_IMPLEMENTED),
    EXAMPLE("BREW / HTTP/1.1\r\n" H "\r\n", ERR_NOT_IMPLEMENTED),
    EXAMPLE("CONNECT a:80 HTTP/1.1\r\n" H "\r\n", ERR_NOT_IMPLEMENTED),
    EXAMPLE("GET / HTTP/1.0\r\n" H "\r\n", ERR_VERSION_NOT_SUPPORTED),
    EXAMPLE("GET / HTTP/2.0\r\n" H "\r\n", ERR_VERSION_NOT_SUPPORTED),
    EXAMPLE("GET / http/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.10\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("PRI * HTTP/2.0\r\n\r\n", ERR_VERSION_NOT_SUPPORTED),
    // target
    EXAMPLE("GET /a#b HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET /%zz HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET /%4 HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET /%00 HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET /?a=%00 HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET /\xc4\x91 HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET /\\a HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET ftp://a/ HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET http:///x HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET http://u@a/x HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    // Host
    EXAMPLE("GET / HTTP/1.1\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n" H H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\nHost:\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\nHost: a:\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", ERR_BAD_REQUEST),
    // length and coding
    EXAMPLE("POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
            ERR_BAD_REQUEST),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Content-Length: -5\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Content-Length: 5 5\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Content-Length: 0x5\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Content-Length: 5,5\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999\r\n\r\n",
            ERR_BAD_REQUEST),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            ERR_BAD_REQUEST),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
            ERR_BAD_REQUEST),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: "
            "chunked\r\n\r\n",
            ERR_BAD_REQUEST),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n", ERR_NOT_IMPLEMENTED),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, gzip\r\n\r\n",
            ERR_NOT_IMPLEMENTED),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n",
            ERR_NOT_IMPLEMENTED),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n", ERR_NOT_IMPLEMENTED),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n", ERR_NOT_IMPLEMENTED),
    EXAMPLE("POST / HTTP/1.1\r\n" H "Expect: tea\r\n\r\n", ERR_EXPECTATION_FAILED),
    // lines and fields
    EXAMPLE("GET / HTTP/1.1\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\nHost: a\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n" H "\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n" H "A: bc\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n" H "A: b\rc\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n" H "A: b\r\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n" H "A: b\0c\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n" H "A: b\x7f\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET /\0 HTTP/1.1\r\n" H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n " H "\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n" H "A : b\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n" H ": b\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n" H "A\r\n\r\n", ERR_BAD_REQUEST),
    EXAMPLE("GET / HTTP/1.1\r\n" H "A(b): c\r\n\r\n", ERR_BAD_REQUEST),
    // unfinished
    EXAMPLE("GET / HTTP/1.1\r\n" H "\r", ERR_COUNT),
    EXAMPLE("G", ERR_COUNT),
};

static void heads(void **state)
{
    for (size_t i = 0; i < countof(examples); i++) {
        struct parse whole, dripped;
        const struct example *e = &examples[i];
        enum err first = parse_whole(e->text, e->len, &whole);
        enum err second = parse_dripped(e->text, e->len, &dripped);
        if (first != e->err || second != e->err)
            fail_msg("%s: %d and %d instead of %d", e->text, first, second, e->err);
        assert_int_equal(whole.size, dripped.size);
        if (first == ERR_OK)
            assert_int_equal(whole.size, e->len);
    }
}

static bool span_is(const char *data, struct parse_span span, const char *text)
{
    return strlen(text) == span.len && memcmp(data + span.at, text, span.len) == 0;
}

static void what_a_head_says(void **state)
{
    static const char data[] = "POST /v1/x?y=1 HTTP/1.1\r\nHost: a.vn:80\r\nX-A: \t b c \t\r\n"
                               "Content-Length: 0012\r\nConnection: x, Close ,y\r\n"
                               "Expect: 100-Continue\r\n\r\nrest of it";
    struct parse p;
    assert_int_equal(parse_whole(data, sizeof data - 1, &p), ERR_OK);
    assert_true(span_is(data, p.method, "POST"));
    assert_true(span_is(data, p.target, "/v1/x?y=1"));
    assert_true(span_is(data, p.host, "a.vn:80"));
    assert_int_equal(p.count, 5);
    assert_true(span_is(data, p.fields[1].name, "X-A"));
    assert_true(span_is(data, p.fields[1].value, "b c"));
    assert_int_equal(p.length, 12);
    assert_true(p.has_length && p.close && p.expect && !p.chunked);
    assert_string_equal(data + p.size, "rest of it");
}

// What never ends is cut at the limit, not one byte later than needed.
static enum err endless(const char *start, const char *repeated, size_t limit)
{
    static char data[65536];
    struct parse p;
    size_t len = strlen(start);
    memcpy(data, start, len);
    parse_init(&p);
    for (;;) {
        enum parse_result result = parse_head(&p, data, len);
        if (result != PARSE_MORE)
            return len <= limit ? p.err : ERR_INTERNAL;
        memcpy(data + len, repeated, strlen(repeated));
        len += strlen(repeated);
    }
}

static void limits(void **state)
{
    size_t line = PARSE_LINE_MAX + 8, fields = PARSE_HEADERS_MAX + 64;
    assert_int_equal(endless("GET /", "a", line), ERR_URI_TOO_LONG);
    assert_int_equal(endless("", "a", line), ERR_URI_TOO_LONG);
    assert_int_equal(endless("GET / HTTP/1.1\r\nHost: a\r\nA: ", "b", fields),
                     ERR_HEADERS_TOO_LARGE);
    assert_int_equal(endless("GET / HTTP/1.1\r\nHost: a\r\n", "A: b\r\n", fields),
                     ERR_HEADERS_TOO_LARGE);
    assert_int_equal(endless("GET / HTTP/1.1\r\nHost: a\r\n", "A: 890123456789\r\n", 1800),
                     ERR_HEADERS_TOO_LARGE); // 100 fields
}

// --- the chunked coding -------------------------------------------------------------------------
// Decodes in pieces of `piece` bytes; the body as text in out, or NULL.
static const char *unchunk(const char *data, size_t len, size_t piece, char out[256], size_t *used)
{
    struct chunked c;
    size_t body = 0;
    chunked_init(&c);
    for (*used = 0; *used < len && c.state < CHUNKED_DONE;) {
        struct chunked_part part;
        size_t have = len - *used < piece ? len - *used : piece;
        *used += chunked_read(&c, data + *used, have, &part);
        memcpy(out + body, part.data ? part.data : "", part.len);
        body += part.len;
    }
    out[body] = '\0';
    return c.state == CHUNKED_DONE ? out : NULL;
}

static void chunks(void **state)
{
    static const struct {
        const char *data, *body;
    } cases[] = {
        {"5\r\nhello\r\n0\r\n\r\n", "hello"},
        {"0\r\n\r\n", ""},
        {"00000005\r\nhello\r\n000\r\n\r\n", "hello"},
        {"1\r\na\r\nA\r\n0123456789\r\n0\r\n\r\n", "a0123456789"},
        {"3;name=\"v\"\r\nabc\r\n0;x\r\n\r\n", "abc"},
        {"5\r\n\r\n0\r\n\r\n0\r\n\r\n", "\r\n0\r\n"},
        {"0x5\r\nhello\r\n0\r\n\r\n", NULL},
        {"-1\r\nhello\r\n0\r\n\r\n", NULL},
        {"+5\r\nhello\r\n0\r\n\r\n", NULL},
        {"5 ;a\r\nhello\r\n0\r\n\r\n", NULL},
        {" 5\r\nhello\r\n0\r\n\r\n", NULL},
        {"5 \r\nhello\r\n0\r\n\r\n", NULL},
        {"\r\nhello\r\n0\r\n\r\n", NULL},
        {"000000005\r\nhello\r\n0\r\n\r\n", NULL},
        {"fffffffff\r\nhello", NULL},
        {"5\nhello\r\n0\r\n\r\n", NULL},
        {"5\rxhello", NULL},
        {"5\r\nhello0\r\n\r\n", NULL},
        {"5\r\nhello\n0\r\n\r\n", NULL},
        {"5\r\nhellox\r\n0\r\n\r\n", NULL},
        {"5;a\nb\r\nhello\r\n0\r\n\r\n", NULL},
        {"0\r\nTrailer: x\r\n\r\n", NULL},
        {"0\r\n\n", NULL},
    };
    for (size_t i = 0; i < countof(cases); i++) {
        for (size_t piece = 1; piece < 32; piece++) {
            char out[256];
            size_t used, len = strlen(cases[i].data);
            const char *body = unchunk(cases[i].data, len, piece, out, &used);
            if ((body == NULL) != (cases[i].body == NULL) ||
                (body != NULL && (strcmp(body, cases[i].body) != 0 || used != len)))
                fail_msg("%s in pieces of %zu: %s", cases[i].data, piece, body ? body : "refused");
        }
    }
}

static void endless_chunk_extension(void **state)
{
    static char data[600];
    char out[256];
    size_t used;
    memset(data, 'x', sizeof data);
    memcpy(data, "5;", 2);
    assert_null(unchunk(data, sizeof data, 64, out, &used));
    assert_in_range(used, 256, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads),
        cmocka_unit_test(what_a_head_says),
        cmocka_unit_test(limits),
        cmocka_unit_test(chunks),
        cmocka_unit_test(endless_chunk_extension),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
