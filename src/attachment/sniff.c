#include "attachment/sniff.h"

#include <magic.h>
#include <pthread.h>

#include "base/log.h"

enum {
    WITHOUT = MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_ELF |
              MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_TOKENS | MAGIC_NO_CHECK_APPTYPE |
              MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_JSON | MAGIC_NO_CHECK_TEXT |
              MAGIC_NO_CHECK_ENCODING
};

static magic_t cookie;
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;

bool sniff_setup(void)
{
    cookie = magic_open(MAGIC_MIME_TYPE | WITHOUT);
    if (cookie && magic_load(cookie, NULL) == 0)
        return true;
    log_error("attachment", NULL, "libmagic: %s", cookie ? magic_error(cookie) : "no memory");
    sniff_finish();
    return false;
}

enum media sniff(const void *data, size_t len)
{
    pthread_mutex_lock(&one);
    const char *type = cookie ? magic_buffer(cookie, data, len) : NULL;
    enum media media = type ? media_of_type(type) : MEDIA_NONE;
    pthread_mutex_unlock(&one);
    return media;
}

void sniff_finish(void)
{
    if (cookie)
        magic_close(cookie);
    cookie = NULL;
}
