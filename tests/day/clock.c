// The clock of a simulated day. Preloaded into the service, it moves the time of day (never the
// monotonic clock, by which timers run) by the microseconds in the file that DAY_CLOCK names, and
// hands itself on to the database, whose environment the service makes anew. The service itself
// knows nothing of it: what it does at a time is what it would do at that time.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { ENVIRONMENT_MAX = 64, MILLION = 1000000 };

typedef int clock_fn(clockid_t, struct timespec *);
typedef int execve_fn(const char *, char *const *, char *const *);

static clock_fn *real_clock;
static execve_fn *real_execve;
static const volatile int64_t *moved;
static char preload[4096], file[4096];

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("DAY_CLOCK"), *self = getenv("LD_PRELOAD");
    real_clock = (clock_fn *)dlsym(RTLD_NEXT, "clock_gettime");
    real_execve = (execve_fn *)dlsym(RTLD_NEXT, "execve");
    int fd = path && self ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *page = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *moved, PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
        fprintf(stderr, "the simulated clock cannot be read\n");
        _exit(126);
    }
    close(fd);
    snprintf(preload, sizeof preload, "LD_PRELOAD=%s", self);
    snprintf(file, sizeof file, "DAY_CLOCK=%s", path);
    moved = page;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    int done = real_clock ? real_clock(id, t) : -1;
    if (done == 0 && moved && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        int64_t at = (int64_t)t->tv_sec * MILLION + t->tv_nsec / 1000 + *moved;
        t->tv_sec = (time_t)(at / MILLION);
        t->tv_nsec = (long)(at % MILLION) * 1000 + t->tv_nsec % 1000;
    }
    return done;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    t->tv_sec = now.tv_sec;
    t->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return (time_t)-1;
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

// (called between fork and exec: nothing here allocates)
int execve(const char *path, char *const argv[], char *const envp[])
{
    char *with[ENVIRONMENT_MAX + 3];
    int count = 0;
    for (char *const *one = envp; one && *one; one++) {
        if (count == ENVIRONMENT_MAX || strncmp(*one, "LD_PRELOAD=", 11) == 0)
            return real_execve(path, argv, envp);
        with[count++] = *one;
    }
    with[count++] = preload;
    with[count++] = file;
    with[count] = NULL;
    return real_execve(path, argv, with);
}
