#include "attachment/pdf.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

// --- names ---------------------------------------------------------------------------------------

// Of `Rendition` the action, which may carry a script; the others say themselves what they are.
static const struct {
    const char *name;
    enum pdf_verdict verdict;
} telling[] = {
    {"Encrypt", PDF_ENCRYPTED},   {"JavaScript", PDF_ACTIVE},    {"Launch", PDF_ACTIVE},
    {"Rendition", PDF_ACTIVE},    {"RichMedia", PDF_ACTIVE},     {"XFA", PDF_ACTIVE},
    {"EmbeddedFile", PDF_ACTIVE}, {"EmbeddedFiles", PDF_ACTIVE}, {"SubmitForm", PDF_ACTIVE},
    {"ImportData", PDF_ACTIVE},
};

enum { TELLING_MAX = 16, STREAM_WORK = 512 };

struct look {
    bool seen[PDF_CLOSED + 1];
    bool object_stream; // one was announced and has not begun yet
    bool otherwise; // something since the last stream says that it is not packed with zlib alone
    size_t work;    // bytes that unpacking took and made
    char name[TELLING_MAX];
    int len;    // -1: not within a name
    int escape; // digits of #xx that are still to come
};

static bool is_white(uint8_t c)
{
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_delimiter(uint8_t c)
{
    return c != 0 && strchr("()<>[]{}/%", c) != NULL;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// A predictor mixes the bytes that it unpacks to.
static const char *const ways[] = {"DecodeParms",   "Predictor", "ASCIIHexDecode",
                                   "ASCII85Decode", "LZWDecode", "RunLengthDecode",
                                   "Crypt"};

static bool name_is(const struct look *l, const char *name)
{
    return strlen(name) == (size_t)l->len && memcmp(l->name, name, (size_t)l->len) == 0;
}

static void name_end(struct look *l)
{
    for (size_t i = 0; i < countof(telling) && l->len > 0; i++)
        if (name_is(l, telling[i].name))
            l->seen[telling[i].verdict] = true;
    if (l->len > 0 && name_is(l, "ObjStm"))
        l->object_stream = true;
    for (size_t i = 0; i < countof(ways) && l->len > 0; i++)
        l->otherwise |= name_is(l, ways[i]);
    l->len = -1;
}

// A name that is longer than any of ours is none of ours.
static void name_add(struct look *l, uint8_t c)
{
    int value = l->escape ? hex_value(c) : -1;
    if (l->escape && value >= 0) {
        uint8_t *last = (uint8_t *)&l->name[l->len - 1];
        *last = (uint8_t)(*last << 4 | value);
        l->escape--;
        return;
    }
    l->escape = c == '#' ? 2 : 0;
    if (l->len < TELLING_MAX)
        l->name[l->len++] = c == '#' ? 0 : (char)c;
    if (l->len == TELLING_MAX) // full: whatever else comes, it fits none
        l->escape = 0;
}

static void names_in(struct look *l, const uint8_t *data, size_t len)
{
    const uint8_t *at = data, *end = data + len;
    while (at < end) {
        if (l->len < 0) {
            at = memchr(at, '/', (size_t)(end - at));
            if (!at)
                return;
            l->len = 0;
            l->escape = 0;
            at++;
        } else if (is_white(*at) || is_delimiter(*at)) {
            name_end(l); // the next may begin here
        } else {
            name_add(l, *at++);
        }
    }
}

// --- streams -------------------------------------------------------------------------------------

// An object stream begins with two numbers, and is text for a while (ISO 32000-1, 7.5.7).
static bool begins_as_objects(const uint8_t *data, size_t len)
{
    size_t i = 0, most = len < 16 ? len : 16;
    while (i < most && ((data[i] >= ' ' && data[i] < 0x7f) || (data[i] && is_white(data[i]))))
        i++;
    bool text = i == most;
    for (i = 0; i < most && is_white(data[i]); i++)
        ;
    return text && most - i >= 3 && data[i] >= '0' && data[i] <= '9';
}

static bool is_zlib(const uint8_t *data, size_t len)
{
    return len >= 2 && (data[0] & 0x0f) == 8 && (data[0] << 8 | data[1]) % 31 == 0;
}

// Looks at what it packs, up to its end or to where it is damaged, as a reader would. objects:
// whether it begins as an object stream does.
static void unpack(struct look *l, const uint8_t *data, size_t len, bool *objects)
{
    uint8_t out[16384];
    z_stream z = {.next_in = (uint8_t *)data, .avail_in = (uInt)len};
    struct look inner = {.len = -1};
    int state = inflateInit(&z);
    bool first = true;
    *objects = false;
    l->work += STREAM_WORK;
    while (state == Z_OK && l->work < PDF_UNPACKED_MAX) {
        uInt left = z.avail_in;
        z.next_out = out;
        z.avail_out = sizeof out;
        state = inflate(&z, Z_NO_FLUSH);
        size_t made = sizeof out - z.avail_out;
        l->work += made + left - z.avail_in;
        if (made == 0)
            break;
        if (first)
            *objects = begins_as_objects(out, made);
        first = false;
        names_in(&inner, out, made);
    }
    inflateEnd(&z);
    name_end(&inner);
    for (int i = 0; i <= PDF_CLOSED; i++)
        l->seen[i] |= inner.seen[i];
    l->seen[PDF_CLOSED] |= l->work >= PDF_UNPACKED_MAX;
}

// `at`: behind the word and its end of line.
static void stream_look(struct look *l, const uint8_t *data, size_t len)
{
    bool objects = false;
    if (is_zlib(data, len))
        unpack(l, data, len, &objects);
    if (l->object_stream && (l->otherwise || !objects))
        l->seen[PDF_CLOSED] = true;
    l->object_stream = false;
    l->otherwise = false;
}

// Behind the word "stream" at `at`: its end of line is one or two bytes; 0: it is not the word.
static size_t stream_begins(const uint8_t *data, size_t len, size_t at)
{
    size_t next = at + 6;
    bool apart = at == 0 || is_white(data[at - 1]) || is_delimiter(data[at - 1]);
    while (apart && next < len && data[next] == ' ')
        next++;
    if (!apart || next >= len || (data[next] != '\n' && data[next] != '\r'))
        return 0;
    bool two = data[next] == '\r' && next + 1 < len && data[next + 1] == '\n';
    return next + (two ? 2 : 1);
}

enum pdf_verdict pdf_look(const void *content, size_t len)
{
    const uint8_t *data = content, *found;
    struct look l = {.len = -1};
    size_t done = 0, from = 0;
    while ((found = memmem(data + from, len - from, "stream", 6)) != NULL) {
        size_t at = (size_t)(found - data), begins = stream_begins(data, len, at);
        names_in(&l, data + done, at - done);
        done = at;
        from = at + 6;
        if (begins) {
            name_end(&l);
            stream_look(&l, data + begins, len - begins);
        }
    }
    names_in(&l, data + done, len - done);
    name_end(&l);
    l.seen[PDF_CLOSED] |= l.object_stream;
    for (int verdict = PDF_ENCRYPTED; verdict <= PDF_CLOSED; verdict++)
        if (l.seen[verdict])
            return (enum pdf_verdict)verdict;
    return PDF_PLAIN;
}
