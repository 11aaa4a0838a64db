#include "attachment/attachment.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "attachment/attachment_http.h"
#include "attachment/sniff.h"
#include "base/seal.h"

bool attachment_ref(const char *sha256, char ref[ATTACHMENT_REF])
{
    uint8_t digest[SEAL_DIGEST_BYTES];
    char text[80];
    if (strlen(sha256) != ATTACHMENT_REF - 1 ||
        strspn(sha256, "0123456789abcdef") != ATTACHMENT_REF - 1)
        return false;
    int len = snprintf(text, sizeof text, "attachment\n%s", sha256);
    seal_digest(text, (size_t)len, digest);
    sodium_bin2hex(ref, ATTACHMENT_REF, digest, sizeof digest);
    return true;
}

// Several loops close; what is dropped stays dropped.
static void attachment_close(struct app_loop *app)
{
    (void)app;
    sniff_finish();
}

const struct capability attachment_capability = {
    .name = "attachment",
    .routes = attachment_routes,
    .setup = sniff_setup,
    .close = attachment_close,
};
