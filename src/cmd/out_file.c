#include "cmd/out_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Where the path leads; as it is when nothing is there yet.
static bool names_make(struct out_file *out)
{
    if (!realpath(out->path, out->name))
        snprintf(out->name, sizeof out->name, "%s", out->path);
    int len = snprintf(out->draft, sizeof out->draft, "%s.part", out->name);
    errno = ENAMETOOLONG;
    return len > 0 && (size_t)len < sizeof out->draft;
}

static bool out_open(struct out_file *out)
{
    struct stat at;
    if (out->to)
        return true;
    if (strcmp(out->path, "-") == 0) {
        out->to = stdout;
        return true;
    }
    out->beside = stat(out->path, &at) == 0 ? S_ISREG(at.st_mode) : errno == ENOENT;
    if (out->beside && !names_make(out))
        return false;
    out->to = fopen(out->beside ? out->draft : out->path, "we");
    return out->to != NULL;
}

bool out_file_write(struct out_file *out, const void *data, size_t len)
{
    return out_open(out) && fwrite(data, 1, len, out->to) == len;
}

bool out_file_end(struct out_file *out, bool whole)
{
    if (!out->to)
        return false;
    bool ok = (out->to == stdout ? fflush(out->to) : fclose(out->to)) == 0 && whole;
    if (ok && out->beside)
        ok = rename(out->draft, out->name) == 0;
    if (!ok && out->beside) {
        int why = errno;
        unlink(out->draft);
        errno = why;
    }
    out->to = NULL;
    return ok;
}
