#include "custody/checkpoint_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

enum { EVENTS_APART = 10000 };
static const int64_t minute = 60LL * 1000000;

static struct {
    char path[4096];
    int fd;                          // 0: not open
    struct checkpoint last, writing; // the latest; what a worker has in hand
    uint64_t written;                // size of the last line
    int64_t written_at;              // clock_monotonic; 0: none yet
    bool busy;
} file;

static bool open_file(void)
{
    if (file.fd <= 0)
        file.fd = open(file.path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    return file.fd > 0;
}

void checkpoint_file_setup(const char *state_dir)
{
    snprintf(file.path, sizeof file.path, "%s/checkpoints.log", state_dir);
    (void)open_file();
}

// A full disk or a power cut left a line without its end.
static bool torn(int fd)
{
    char last;
    off_t end = lseek(fd, 0, SEEK_END);
    return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

static bool append(const struct checkpoint *c)
{
    char line[CHECKPOINT_LINE + 2] = "\n";
    checkpoint_line(c, line + 1);
    size_t len = strlen(line);
    line[len++] = '\n';
    size_t from = open_file() && torn(file.fd) ? 0 : 1;
    bool done = file.fd > 0 && write(file.fd, line + from, len - from) == (ssize_t)(len - from) &&
                fsync(file.fd) == 0;
    if (!done)
        log_warn("custody", NULL, "cannot write %s: %s", file.path, strerror(errno));
    return done;
}

static void job(void *arg)
{
    struct checkpoint *c = arg;
    if (!append(c))
        c->size = 0;
}

static void finished(void *arg)
{
    const struct checkpoint *c = arg;
    file.busy = false;
    if (c->size)
        file.written = c->size;
}

void checkpoint_file_offer(struct work_crew *crew, struct loop *loop, const struct checkpoint *c)
{
    int64_t now = clock_monotonic();
    bool due = file.written_at == 0 || now - file.written_at >= minute ||
               c->size - file.written >= EVENTS_APART;
    file.last = *c;
    if (!due || file.busy)
        return;
    file.writing = *c;
    file.busy = work_submit(crew, loop, job, finished, &file.writing);
    if (file.busy)
        file.written_at = now;
}

void checkpoint_file_close(void)
{
    if (file.last.size > file.written && append(&file.last))
        file.written = file.last.size;
    if (file.fd > 0)
        close(file.fd);
    file.fd = 0;
}
