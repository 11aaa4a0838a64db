#include "http/request.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/text.h"
#include "http/conn.h"
#include "http/route.h"
#include "http/server.h"

// --- identity -----------------------------------------------------------------------------------
static void base32(char *out, int letters, uint64_t value)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    while (letters-- > 0) {
        out[letters] = alphabet[value & 31];
        value >>= 5;
    }
}

// A ULID: 48 bits of milliseconds, then a random start of the loop and a count. Unique, in order of
// time, and made without a system call.
void request_name(struct http_listener *home, struct request *req)
{
    base32(req->id, 10, (uint64_t)(clock_now() / 1000));
    base32(req->id + 10, 8, home->id_seed);
    base32(req->id + 18, 8, home->id_count++);
    req->id[26] = '\0';
    char *subject = arena_alloc(&req->arena, sizeof "req=" + sizeof req->id);
    memcpy(subject, "req=", 4);
    memcpy(subject + 4, req->id, sizeof req->id);
    req->subject = subject;
}

// --- headers ------------------------------------------------------------------------------------
const char *request_header(const struct request *req, const char *name)
{
    const struct exchange *x = exchange_of(req);
    size_t len = strlen(name);
    for (uint32_t i = 0; x->text != NULL && i < x->head.count; i++) {
        const struct parse_field *field = &x->head.fields[i];
        if (field->name.len == len && strncasecmp(x->text + field->name.at, name, len) == 0)
            return x->text + field->value.at;
    }
    return NULL;
}

const char *request_cookie(struct request *req, const char *name)
{
    const char *at = request_header(req, "Cookie");
    size_t len = strlen(name);
    while (at != NULL && *at != '\0') {
        at += strspn(at, "; ");
        size_t pair = strcspn(at, ";");
        if (pair > len && strncmp(at, name, len) == 0 && at[len] == '=')
            return arena_copy(&req->arena, at + len + 1, pair - len - 1);
        at += pair;
    }
    return NULL;
}

enum err request_idempotency_key(const struct request *req, const char **key)
{
    *key = request_header(req, "Idempotency-Key");
    if (*key == NULL)
        return ERR_OK;
    size_t len = strlen(*key);
    for (size_t i = 0; i < len; i++)
        if ((*key)[i] <= ' ' || (*key)[i] > '~')
            return ERR_BAD_REQUEST;
    return len >= 1 && len <= 64 ? ERR_OK : ERR_BAD_REQUEST;
}

bool request_is_https(const struct request *req)
{
    const char *proto = conf.trust_proxy ? request_header(req, "X-Forwarded-Proto") : NULL;
    return proto != NULL && strcasecmp(proto, "https") == 0;
}

const char *request_url(struct request *req, const char *path)
{
    const char *address = conf.public_url[0] != '\0' ? conf.public_url : http_address();
    return arena_printf(&req->arena, "%s%s", address, path);
}

// The last line of that name; what stands before it the client may have sent.
static const char *last_header(const struct request *req, const char *name)
{
    const struct exchange *x = exchange_of(req);
    size_t len = strlen(name);
    for (uint32_t i = x->text != NULL ? x->head.count : 0; i > 0; i--) {
        const struct parse_field *field = &x->head.fields[i - 1];
        if (field->name.len == len && strncasecmp(x->text + field->name.at, name, len) == 0)
            return x->text + field->value.at;
    }
    return NULL;
}

// An address has many spellings, and who is counted must have one. NULL: it is none.
static const char *one_spelling(struct request *req, const char *text)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    uint8_t address[sizeof(struct in6_addr)];
    char *out = arena_alloc(&req->arena, INET6_ADDRSTRLEN);
    if (inet_pton(AF_INET, text, address) == 1)
        return inet_ntop(AF_INET, address, out, INET6_ADDRSTRLEN);
    if (inet_pton(AF_INET6, text, address) != 1)
        return NULL;
    if (memcmp(address, mapped, sizeof mapped) == 0)
        return inet_ntop(AF_INET, address + sizeof mapped, out, INET6_ADDRSTRLEN);
    return inet_ntop(AF_INET6, address, out, INET6_ADDRSTRLEN);
}

// The proxy in front appends the address it saw, to the line or as a line of its own, so only the
// last one is its word.
static void read_forwarded(struct request *req)
{
    const char *list = conf.trust_proxy ? last_header(req, "X-Forwarded-For") : NULL;
    if (list == NULL)
        return;
    const char *comma = strrchr(list, ',');
    const char *last = comma ? comma + 1 : list;
    last += strspn(last, " \t");
    const char *peer = one_spelling(req, last);
    if (peer != NULL)
        req->peer = peer;
}

// 00-<32 hex>-<16 hex>-<2 hex>, neither id all zeros (W3C Trace Context).
static void read_traceparent(struct request *req)
{
    static const char shape[] = "00-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh";
    const char *value = request_header(req, "traceparent");
    if (value == NULL || strlen(value) != sizeof shape - 1)
        return;
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool hex = value[i] != '\0' && strchr("0123456789abcdef", value[i]) != NULL;
        if (shape[i] == 'h' ? !hex : value[i] != shape[i])
            return;
    }
    if (strspn(value + 3, "0") >= 32 || strspn(value + 36, "0") >= 16)
        return;
    req->subject = arena_printf(&req->arena, "%s trace=%.32s", req->subject, value + 3);
}

static double language_weight(const char *item, size_t len)
{
    const char *q = memmem(item, len, ";q=", 3);
    return q == NULL ? 1.0 : strtod(q + 3, NULL);
}

// English only when it is asked for before Vietnamese.
static enum lang read_language(const struct request *req)
{
    double vi = 0, en = 0;
    const char *at = request_header(req, "Accept-Language");
    while (at != NULL && *at != '\0') {
        at += strspn(at, ", \t");
        size_t len = strcspn(at, ",");
        double *which = strncasecmp(at, "vi", 2) == 0   ? &vi
                        : strncasecmp(at, "en", 2) == 0 ? &en
                                                        : NULL;
        if (which != NULL) {
            double weight = language_weight(at, len);
            *which = weight > *which ? weight : *which;
        }
        at += len;
    }
    return en > vi ? LANG_EN : LANG_VI;
}

// --- the target ---------------------------------------------------------------------------------
static int hex_value(char digit)
{
    return digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}

// Percent escapes were checked by the parser, and a target's other bytes; not those of a form
// (`plus`). The result is clean text, or NULL.
char *request_decode(struct request *req, const char *text, size_t len, bool plus)
{
    char *out = arena_alloc(&req->arena, len + 1);
    size_t used = 0;
    bool unseen = plus;
    for (size_t i = 0; i < len; i++) {
        char byte = text[i];
        if (byte == '%') {
            byte = (char)(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
            unseen = true;
        } else if (byte == '+' && plus) {
            byte = ' ';
        }
        out[used++] = byte;
    }
    return unseen ? text_clean(&req->arena, out, used, false) : out;
}

static enum err read_path(struct request *req, const char *target)
{
    size_t len = strcspn(target, "?");
    req->query = target[len] == '?' ? target + len + 1 : "";
    for (size_t i = 0; i + 2 < len; i++) // an escaped slash would make two readings of one path
        if (strncasecmp(target + i, "%2f", 3) == 0)
            return ERR_BAD_REQUEST;
    const char *path = len > 0 ? request_decode(req, target, len, false) : "/";
    if (path == NULL)
        return ERR_BAD_REQUEST;
    req->path = path;
    return ERR_OK;
}

// absolute-form: its authority must be what Host says.
static enum err read_absolute(struct request *req, const char *target)
{
    const char *authority = strstr(target, "://") + 3;
    size_t len = strcspn(authority, "/?");
    if (strlen(req->host) != len || strncasecmp(authority, req->host, len) != 0)
        return ERR_BAD_REQUEST;
    return read_path(req, authority + len);
}

static enum http_method read_method(const char *name)
{
    static const char *const names[HTTP_METHODS] = {"GET", "HEAD", "POST", "PUT", "DELETE"};
    for (int i = 0; i < HTTP_METHODS; i++)
        if (strcmp(names[i], name) == 0)
            return (enum http_method)i;
    return HTTP_METHODS;
}

enum err request_from_head(struct exchange *x)
{
    struct request *req = &x->req;
    const char *target = x->text + x->head.target.at;
    req->method = read_method(x->text + x->head.method.at);
    req->host = x->text + x->head.host.at;
    req->lang = read_language(req);
    read_forwarded(req);
    read_traceparent(req);
    if (target[0] == '/')
        return read_path(req, target);
    if (target[0] != '*')
        return read_absolute(req, target);
    req->path = target;
    return ERR_OK;
}

bool request_under_v1(const struct request *req)
{
    return strncmp(req->path, "/v1/", 4) == 0;
}
