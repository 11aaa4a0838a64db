#include "http/assets.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "http/conn.h"
#include "http/gzip.h"
#include "http/respond.h"

// What was worked out once for a file: its validator and its compressed form.
struct prepared {
    char etag[ETAG_TEXT];
    char *gzip; // NULL when it would not be smaller
    size_t gzip_size;
};

static struct prepared **prepared; // by place in assets[]
static pthread_mutex_t prepared_lock = PTHREAD_MUTEX_INITIALIZER;

static const char *type_of(const char *name)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".wasm", "application/wasm"},
        {".txt", "text/plain; charset=utf-8"},
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < countof(types); i++)
        if (strcmp(dot, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

static struct prepared *prepare(const struct asset *asset)
{
    struct prepared *p = calloc(1, sizeof *p);
    if (p == NULL)
        die("out of memory");
    reply_etag(asset->data, asset->size, p->etag);
    p->gzip = gzip_bytes(asset->data, asset->size, 12, &p->gzip_size);
    return p;
}

static const struct prepared *prepared_of(const struct asset *asset)
{
    pthread_mutex_lock(&prepared_lock);
    if (prepared == NULL) {
        size_t count = 0;
        while (assets[count].name != NULL)
            count++;
        prepared = calloc(count + 1, sizeof *prepared);
        if (prepared == NULL)
            die("out of memory");
    }
    struct prepared **slot = &prepared[asset - assets];
    if (*slot == NULL)
        *slot = prepare(asset);
    pthread_mutex_unlock(&prepared_lock);
    return *slot;
}

// Good for ever when the address names this very content: ?v= and the first letters of the ETag.
static bool is_versioned(struct request *req, const struct prepared *p)
{
    const char *version = request_arg(req, "v");
    return version != NULL && strlen(version) >= 8 &&
           strncmp(p->etag + 1, version, strlen(version)) == 0;
}

void reply_asset(struct request *req, const char *name)
{
    const struct asset *asset = asset_find(name);
    if (asset == NULL) {
        reply_problem(req, ERR_NOT_FOUND, NULL);
        return;
    }
    const struct prepared *p = prepared_of(asset);
    bool gzip = p->gzip != NULL && request_takes_gzip(req);
    char etag[ETAG_TEXT + 4];
    // One validator for each form of the bytes.
    snprintf(etag, sizeof etag, "%.*s%s\"", ETAG_TEXT - 3, p->etag, gzip ? "-gz" : "");
    reply_header(req, "ETag", etag);
    reply_header(req, "Cache-Control",
                 is_versioned(req, p) ? "public, max-age=31536000, immutable" : "no-cache");
    if (p->gzip != NULL)
        reply_header(req, "Vary", "Accept-Encoding");
    if (reply_unchanged(req, etag)) {
        reply_empty(req, 304);
        return;
    }
    if (gzip)
        reply_header(req, "Content-Encoding", "gzip");
    reply_bytes(req, 200, type_of(name), gzip ? (const void *)p->gzip : asset->data,
                gzip ? p->gzip_size : asset->size);
}

static void asset_get(struct request *req)
{
    reply_asset(req, arena_printf(&req->arena, "web/%s", req->path + strlen("/assets/")));
}

#define ASSET(path) \
    { \
        HTTP_GET, path, ROUTE_PUBLIC, asset_get, .text_vi = "Tệp của các trang.", \
                                                 .text_en = "A file of the pages." \
    }

const struct route assets_routes[] = {
    ASSET("/assets/{file}"),
    ASSET("/assets/{folder}/{file}"),
    ASSET("/assets/{folder}/{folder2}/{file}"),
    {0},
};
