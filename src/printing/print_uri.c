#include "printing/print_uri.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *prefix;
    int port;
} schemes[] = {
    [PRINT_IPP] = {"ipp://", 631},
    [PRINT_IPPS] = {"ipps://", 631},
    [PRINT_SOCKET] = {"socket://", 9100},
};

static const char name_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
static const char path_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~%/";

static const char *scheme_read(const char *text, struct print_uri *out)
{
    for (size_t i = 0; i < countof(schemes); i++) {
        size_t len = strlen(schemes[i].prefix);
        if (strncmp(text, schemes[i].prefix, len) == 0) {
            out->scheme = (enum print_scheme)i;
            out->port = schemes[i].port;
            return text + len;
        }
    }
    return NULL;
}

static const char *bracketed(const char *text, struct print_uri *out)
{
    struct in6_addr address;
    const char *end = strchr(text, ']');
    size_t len = end ? (size_t)(end - text) : PRINT_HOST;
    if (len >= PRINT_HOST)
        return NULL;
    memcpy(out->host, text, len);
    out->host[len] = '\0';
    return inet_pton(AF_INET6, out->host, &address) == 1 ? end + 1 : NULL;
}

static const char *host_read(const char *text, struct print_uri *out)
{
    if (*text == '[')
        return bracketed(text + 1, out);
    size_t len = strspn(text, name_letters);
    if (len == 0 || len >= PRINT_HOST || !isalnum((unsigned char)text[0]) ||
        !isalnum((unsigned char)text[len - 1]))
        return NULL;
    memcpy(out->host, text, len);
    out->host[len] = '\0';
    return text + len;
}

static const char *port_read(const char *text, struct print_uri *out)
{
    if (*text != ':')
        return text;
    size_t len = strspn(text + 1, "0123456789");
    out->port = len <= 5 ? (int)strtol(text + 1, NULL, 10) : 0;
    return out->port >= 1 && out->port <= 65535 ? text + 1 + len : NULL;
}

bool print_uri_read(const char *text, struct print_uri *out)
{
    size_t len = strlen(text);
    *out = (struct print_uri){0};
    if (len > PRINT_URI)
        return false;
    memcpy(out->text, text, len + 1);
    const char *rest = scheme_read(text, out);
    if (!rest || !(rest = host_read(rest, out)) || !(rest = port_read(rest, out)))
        return false;
    len = strlen(rest);
    if (len >= PRINT_PATH || strspn(rest, path_letters) != len || (*rest && *rest != '/'))
        return false;
    memcpy(out->path, len ? rest : "/", len ? len + 1 : 2);
    return out->scheme != PRINT_SOCKET || len <= 1;
}
