#include "http/gzip.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LEAST = 256 };

bool request_takes_gzip(const struct request *req)
{
    const char *accept = request_header(req, "Accept-Encoding");
    const char *gzip = accept ? strstr(accept, "gzip") : NULL;
    if (gzip == NULL)
        return false;
    gzip += 4;
    gzip += strspn(gzip, " \t;");
    if (strncasecmp(gzip, "q=0", 3) != 0)
        return true;
    gzip += 3;
    gzip += strspn(gzip, ".0");
    return *gzip >= '1' && *gzip <= '9'; // q=0.5 is a yes
}

char *gzip_bytes(const void *data, size_t size, int level, size_t *len)
{
    struct libdeflate_compressor *press = size < LEAST ? NULL : libdeflate_alloc_compressor(level);
    if (press == NULL)
        return NULL;
    size_t most = size - size / 10;
    char *out = malloc(most);
    *len = out == NULL ? 0 : libdeflate_gzip_compress(press, data, size, out, most);
    libdeflate_free_compressor(press);
    if (*len > 0) // 0: it does not fit
        return out;
    free(out);
    return NULL;
}
