#include "http/parse.h"

#include <string.h>
#include <strings.h>

enum {
    TOKEN = 1,  // letters of methods and field names
    PATH = 2,   // of a target before "?"
    QUERY = 4,  // behind it
    VALUE = 8,  // of a field value
    HEX = 16,   //
    HOST = 32,  // of a registered name
    DIGIT = 64, //
};

#define ALPHA_ (TOKEN | PATH | QUERY | VALUE | HOST)
#define ALL_   (PATH | QUERY | VALUE)

static const uint8_t kind[256] = {
    ['\t'] = VALUE,
    [' '] = VALUE,
    ['0' ... '9'] = ALPHA_ | HEX | DIGIT,
    ['a' ... 'f'] = ALPHA_ | HEX,
    ['g' ... 'z'] = ALPHA_,
    ['A' ... 'F'] = ALPHA_ | HEX,
    ['G' ... 'Z'] = ALPHA_,
    ['!'] = TOKEN | ALL_,
    ['"'] = VALUE,
    ['#'] = TOKEN | VALUE,
    ['$'] = TOKEN | ALL_,
    ['%'] = TOKEN | ALL_,
    ['&'] = TOKEN | ALL_,
    ['\''] = TOKEN | ALL_,
    ['('] = ALL_,
    [')'] = ALL_,
    ['*'] = TOKEN | ALL_,
    ['+'] = TOKEN | ALL_,
    [','] = ALL_,
    ['-'] = TOKEN | ALL_ | HOST,
    ['.'] = TOKEN | ALL_ | HOST,
    ['/'] = ALL_,
    [':'] = ALL_,
    [';'] = ALL_,
    ['<'] = VALUE,
    ['='] = ALL_,
    ['>'] = VALUE,
    ['?'] = QUERY | VALUE,
    ['@'] = ALL_,
    ['['] = ALL_,
    ['\\'] = QUERY | VALUE,
    [']'] = ALL_,
    ['^'] = TOKEN | QUERY | VALUE,
    ['_'] = TOKEN | ALL_ | HOST,
    ['`'] = TOKEN | QUERY | VALUE,
    ['{'] = QUERY | VALUE,
    ['|'] = TOKEN | ALL_,
    ['}'] = QUERY | VALUE,
    ['~'] = TOKEN | ALL_,
    [0x80 ... 0xff] = VALUE,
};

static bool is(char c, int what)
{
    return (kind[(unsigned char)c] & what) != 0;
}

static bool all(const char *text, size_t len, int what)
{
    for (size_t i = 0; i < len; i++)
        if (!is(text[i], what))
            return false;
    return true;
}

static bool same(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

static bool bad(struct parse *p, enum err err, const char *why)
{
    p->err = err;
    p->why = why;
    return false;
}

static bool method_known(const char *text, size_t len)
{
    static const char *const methods[] = {"GET",    "HEAD",    "POST",  "PUT",
                                          "DELETE", "OPTIONS", "PATCH", "TRACE"};
    for (size_t i = 0; i < countof(methods); i++)
        if (strlen(methods[i]) == len && memcmp(methods[i], text, len) == 0)
            return true;
    return false;
}

static bool port_valid(const char *text, size_t len)
{
    return len >= 1 && len <= 5 && all(text, len, DIGIT);
}

bool parse_host_valid(const char *text, size_t len)
{
    if (len == 0 || len > 255)
        return false;
    size_t end = 0;
    if (text[0] == '[') {
        for (end = 1; end < len && (is(text[end], HEX) || text[end] == ':' || text[end] == '.');)
            end++;
        if (end < 3 || end == len || text[end] != ']')
            return false;
        end++;
    } else {
        while (end < len && is(text[end], HOST))
            end++;
        if (end == 0)
            return false;
    }
    return end == len || (text[end] == ':' && port_valid(text + end + 1, len - end - 1));
}

static bool escape_valid(const char *text, size_t len)
{
    return len >= 3 && is(text[1], HEX) && is(text[2], HEX) && !(text[1] == '0' && text[2] == '0');
}

static bool path_valid(const char *text, size_t len)
{
    int what = PATH;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '?')
            what = QUERY;
        if (!is(text[i], what) || (text[i] == '%' && !escape_valid(text + i, len - i)))
            return false;
    }
    return true;
}

// absolute-form: only what a proxy would send us; the path may be empty.
static bool absolute_valid(const char *text, size_t len)
{
    size_t scheme = 0;
    if (len > 7 && strncasecmp(text, "http://", 7) == 0)
        scheme = 7;
    else if (len > 8 && strncasecmp(text, "https://", 8) == 0)
        scheme = 8;
    if (scheme == 0)
        return false;
    size_t path = scheme;
    while (path < len && text[path] != '/' && text[path] != '?')
        path++;
    return parse_host_valid(text + scheme, path - scheme) && path_valid(text + path, len - path);
}

static bool target_valid(const char *text, size_t len, bool options)
{
    if (len == 0)
        return false;
    if (text[0] == '/')
        return path_valid(text, len);
    if (text[0] == '*')
        return len == 1 && options;
    return absolute_valid(text, len);
}

static bool request_line(struct parse *p, const char *data, uint32_t at, uint32_t len)
{
    const char *line = data + at;
    const char *first = memchr(line, ' ', len);
    if (first == NULL || !all(line, (size_t)(first - line), TOKEN) || first == line)
        return bad(p, ERR_BAD_REQUEST, "malformed request line");
    uint32_t method = (uint32_t)(first - line);
    uint32_t rest = len - method - 1;
    const char *second = memchr(first + 1, ' ', rest);
    if (second == NULL)
        return bad(p, ERR_BAD_REQUEST, "malformed request line");
    uint32_t target = (uint32_t)(second - first - 1);
    uint32_t version = rest - target - 1;
    if (version != 8 || memcmp(second + 1, "HTTP/", 5) != 0 || !is(second[6], DIGIT) ||
        second[7] != '.' || !is(second[8], DIGIT))
        return bad(p, ERR_BAD_REQUEST, "malformed request line");
    if (memcmp(second + 6, "1.1", 3) != 0)
        return bad(p, ERR_VERSION_NOT_SUPPORTED, "not HTTP/1.1");
    if (!method_known(line, method))
        return bad(p, ERR_NOT_IMPLEMENTED, "unknown method");
    if (!target_valid(first + 1, target, same(line, method, "OPTIONS")))
        return bad(p, ERR_BAD_REQUEST, "malformed request target");
    p->method = (struct parse_span){at, method};
    p->target = (struct parse_span){at + method + 1, target};
    return true;
}

// Allowed, but other parsers stumble over it where it matters.
static bool tab_behind(const char *value, uint32_t len)
{
    const char *end = value + len;
    while (*end == ' ')
        end++;
    return *end == '\t'; // the line end stands behind at the latest
}

static bool field_length(struct parse *p, const char *value, uint32_t len)
{
    if (p->has_length)
        return bad(p, ERR_BAD_REQUEST, "two Content-Lengths");
    if (len == 0 || len > 18 || !all(value, len, DIGIT) || tab_behind(value, len))
        return bad(p, ERR_BAD_REQUEST, "Content-Length is not a plain number");
    for (uint32_t i = 0; i < len; i++)
        p->length = p->length * 10 + (uint64_t)(value[i] - '0');
    return p->has_length = true;
}

static bool field_coding(struct parse *p, const char *value, uint32_t len)
{
    if (p->chunked)
        return bad(p, ERR_BAD_REQUEST, "two Transfer-Encodings");
    if (!same(value, len, "chunked") || tab_behind(value, len))
        return bad(p, ERR_NOT_IMPLEMENTED, "Transfer-Encoding is not chunked");
    return p->chunked = true;
}

static bool field_host(struct parse *p, struct parse_span span, const char *value)
{
    if (p->has_host)
        return bad(p, ERR_BAD_REQUEST, "two Hosts");
    if (!parse_host_valid(value, span.len))
        return bad(p, ERR_BAD_REQUEST, "malformed Host");
    p->host = span;
    return p->has_host = true;
}

static void field_connection(struct parse *p, const char *value, uint32_t len)
{
    for (const char *end = value + len; value < end;) {
        const char *comma = memchr(value, ',', (size_t)(end - value));
        const char *stop = comma ? comma : end;
        while (value < stop && (*value == ' ' || *value == '\t'))
            value++;
        const char *last = stop;
        while (last > value && (last[-1] == ' ' || last[-1] == '\t'))
            last--;
        if (same(value, (size_t)(last - value), "close"))
            p->close = true;
        value = stop + 1;
    }
}

// The few fields that decide where the message ends and whether it may be answered.
static bool field_known(struct parse *p, const char *data, struct parse_field field)
{
    const char *name = data + field.name.at, *value = data + field.value.at;
    uint32_t len = field.name.len;
    if (same(name, len, "host"))
        return field_host(p, field.value, value);
    if (same(name, len, "content-length"))
        return field_length(p, value, field.value.len);
    if (same(name, len, "transfer-encoding"))
        return field_coding(p, value, field.value.len);
    if (len > 17 && strncasecmp(name, "transfer-encoding", 17) == 0)
        return bad(p, ERR_BAD_REQUEST, "a name that others take for Transfer-Encoding");
    if (same(name, len, "connection"))
        field_connection(p, value, field.value.len);
    if (same(name, len, "expect")) {
        if (!same(value, field.value.len, "100-continue"))
            return bad(p, ERR_EXPECTATION_FAILED, "unknown expectation");
        p->expect = true;
    }
    return true;
}

static bool field_line(struct parse *p, const char *data, uint32_t at, uint32_t len)
{
    const char *line = data + at;
    const char *colon = memchr(line, ':', len);
    if (colon == NULL || colon == line || !all(line, (size_t)(colon - line), TOKEN))
        return bad(p, ERR_BAD_REQUEST, "malformed field name");
    if (p->count == PARSE_FIELDS_MAX)
        return bad(p, ERR_HEADERS_TOO_LARGE, "too many fields");
    const char *value = colon + 1, *end = line + len;
    if (!all(value, (size_t)(end - value), VALUE))
        return bad(p, ERR_BAD_REQUEST, "control character in a field");
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    struct parse_field *field = &p->fields[p->count++];
    field->name = (struct parse_span){at, (uint32_t)(colon - line)};
    field->value = (struct parse_span){(uint32_t)(value - data), (uint32_t)(end - value)};
    return field_known(p, data, *field);
}

static bool head_end(struct parse *p)
{
    if (!p->has_host)
        return bad(p, ERR_BAD_REQUEST, "no Host");
    if (p->chunked && p->has_length)
        return bad(p, ERR_BAD_REQUEST, "Content-Length beside Transfer-Encoding");
    p->size = p->line;
    return true;
}

void parse_init(struct parse *p)
{
    memset(p, 0, offsetof(struct parse, fields));
}

// One line without its end; p->line stands behind it already.
static bool one_line(struct parse *p, const char *data, uint32_t at, uint32_t len, bool *done)
{
    if (p->headers == 0) {
        if (len == 0 && at == 0)
            return true; // RFC 9112 2.2: one empty line before a request is passed over
        p->headers = p->line;
        return request_line(p, data, at, len);
    }
    if (len == 0)
        return *done = head_end(p);
    return field_line(p, data, at, len);
}

static bool within_limits(struct parse *p, uint32_t end)
{
    if (p->headers == 0 && end - p->line > PARSE_LINE_MAX)
        return bad(p, ERR_URI_TOO_LONG, "request line too long");
    if (p->headers != 0 && end - p->headers > PARSE_HEADERS_MAX)
        return bad(p, ERR_HEADERS_TOO_LARGE, "fields too long");
    return true;
}

enum parse_result parse_head(struct parse *p, const char *data, size_t len)
{
    size_t most = PARSE_LINE_MAX + PARSE_HEADERS_MAX + 4;
    uint32_t have = (uint32_t)(len < most ? len : most);
    bool done = false;
    while (!done) {
        const char *lf = memchr(data + p->scanned, '\n', have - p->scanned);
        uint32_t end = lf ? (uint32_t)(lf - data) + 1 : have;
        p->scanned = end;
        if (!within_limits(p, end))
            return PARSE_BAD;
        if (lf == NULL)
            return PARSE_MORE;
        uint32_t at = p->line;
        if (end - at < 2 || lf[-1] != '\r') {
            (void)bad(p, ERR_BAD_REQUEST, "bare LF");
            return PARSE_BAD;
        }
        p->line = end;
        if (!one_line(p, data, at, end - at - 2, &done))
            return PARSE_BAD;
    }
    return PARSE_DONE;
}
