#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/log.h"
#include "db/embedded_parts.h"

// All in MiB.
struct machine {
    long long memory, budget, disk;
    long processors;
};

static long long between(long long value, long long least, long long most)
{
    return value < least ? least : value > most ? most : value;
}

static long long memory_found(void)
{
    long long found = (long long)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) >> 20;
    char text[32] = "";
    int fd = open("/sys/fs/cgroup/memory.max", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return found;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    long long limit = got > 0 ? strtoll(text, NULL, 10) >> 20 : 0;
    return limit > 0 && limit < found ? limit : found;
}

static struct machine machine_found(const struct embedded *e)
{
    struct machine m = {.memory = memory_found(), .processors = sysconf(_SC_NPROCESSORS_ONLN)};
    struct statvfs fs;
    m.budget = conf.embedded_memory > 0 ? conf.embedded_memory : m.memory / 4;
    m.disk = statvfs(e->state, &fs) == 0
                 ? (long long)(((unsigned long long)fs.f_bavail * fs.f_frsize) >> 20)
                 : 4096;
    return m;
}

// A tenth of the free disk, as a power of two: the file changes rarely, and a change restarts.
static long long wal_max(const struct machine *m)
{
    long long size = 256;
    while (size * 2 <= between(m->disk / 10, 256, 16384))
        size *= 2;
    return size;
}

static long connections_max(const struct machine *m)
{
    long loops = conf.loops > 0 ? (long)conf.loops : m->processors;
    return between(2 * loops * (1 + conf.database_readers) + 32, 64, 2000);
}

static void write_memory(struct buf *out, const struct machine *m)
{
    buf_printf(out, "shared_buffers = %lldMB\n", between(m->budget * 2 / 3, 16, 16384));
    buf_printf(out, "effective_cache_size = %lldMB\n", between(m->memory / 2, 64, 1 << 20));
    buf_printf(out, "work_mem = %lldMB\n", between(m->budget / 128, 2, 64));
    buf_printf(out, "maintenance_work_mem = %lldMB\n", between(m->budget / 16, 16, 1024));
    buf_printf(out, "wal_buffers = %lldMB\n", between(m->budget / 64, 4, 64));
    buf_printf(out, "max_wal_size = %lldMB\n", wal_max(m));
    buf_printf(out, "min_wal_size = %lldMB\n", between(wal_max(m) / 8, 80, 1024));
    buf_printf(out, "max_connections = %ld\n", connections_max(m));
    buf_printf(out, "dynamic_shared_memory_type = %s\n",
               access("/dev/shm", W_OK | X_OK) == 0 ? "posix" : "mmap");
    buf_text(out, "huge_pages = try\n");
}

static void write_fixed(struct buf *out, const struct embedded *e, bool lz4)
{
    buf_printf(out, "listen_addresses = ''\nport = 5432\nunix_socket_directories = '%s'\n",
               e->sockets);
    buf_text(out, "unix_socket_permissions = 0700\n"
                  "fsync = on\nfull_page_writes = on\nsynchronous_commit = on\n"
                  "wal_level = replica\ncheckpoint_timeout = 15min\n"
                  "checkpoint_completion_target = 0.9\n");
    buf_printf(out, "wal_compression = %s\n", lz4 ? "lz4" : "off");
    buf_text(out, "jit = off\nrandom_page_cost = 1.1\ndefault_toast_compression = pglz\n"
                  "autovacuum_naptime = 15s\nautovacuum_vacuum_scale_factor = 0.05\n"
                  "autovacuum_vacuum_insert_scale_factor = 0.1\n"
                  "autovacuum_analyze_scale_factor = 0.05\nautovacuum_vacuum_cost_limit = 1000\n"
                  "timezone = 'Asia/Ho_Chi_Minh'\nlog_timezone = 'Asia/Ho_Chi_Minh'\n"
                  "lc_messages = 'C'\nlog_line_prefix = '%m [%p] %q%u '\n"
                  "log_parameter_max_length = 0\nlog_checkpoints = on\nlog_lock_waits = on\n");
}

// Whether the server was built with LZ4: it knows best itself.
static bool lz4_known(const struct embedded *e)
{
    char program[280];
    snprintf(program, sizeof program, "%s/postgres", e->bin);
    char *argv[] = {program,
                    (char *)"-D",
                    (char *)e->data,
                    (char *)"-c",
                    (char *)"wal_compression=lz4",
                    (char *)"-C",
                    (char *)"wal_compression",
                    NULL};
    return child_run(&e->user, argv, -1);
}

static bool same_as_file(const char *path, const struct buf *text)
{
    bool same = false;
    char *kept = malloc(text->len + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (kept && fd >= 0) {
        ssize_t got = read(fd, kept, text->len + 1);
        same = got == (ssize_t)text->len && memcmp(kept, text->data, text->len) == 0;
    }
    if (fd >= 0)
        close(fd);
    free(kept);
    return same;
}

static bool write_file(const char *path, const struct buf *text)
{
    char next[320];
    snprintf(next, sizeof next, "%s.new", path);
    int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    bool done = fd >= 0 && fchmod(fd, 0644) == 0 &&
                write(fd, text->data, text->len) == (ssize_t)text->len && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    if (done && rename(next, path) == 0)
        return true;
    log_error("embedded", NULL, "cannot write %s: %s", path, strerror(errno));
    return false;
}

static bool keep_file(const struct embedded *e, const char *name, const struct buf *text,
                      bool *changed)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", e->state, name);
    if (same_as_file(path, text))
        return true;
    *changed = true;
    return write_file(path, text);
}

bool embedded_settings(struct embedded *e, bool *changed)
{
    struct machine m = machine_found(e);
    struct buf settings = {0}, access_rules = {0};
    char local[300];
    buf_text(&settings, "# Written by dossierpost at each start. Your own settings go into\n"
                        "# postgres.local.conf beside this file.\n");
    write_fixed(&settings, e, lz4_known(e));
    write_memory(&settings, &m);
    snprintf(local, sizeof local, "%s/postgres.local.conf", e->state);
    if (access(local, F_OK) == 0)
        buf_text(&settings, "include 'postgres.local.conf'\n");
    buf_text(&access_rules, "# Who reaches the socket's directory (mode 0700) is let in.\n"
                            "local all all trust\n");
    *changed = false;
    bool done = keep_file(e, "postgres.conf", &settings, changed) &&
                keep_file(e, "postgres.hba", &access_rules, changed);
    buf_finish(&settings);
    buf_finish(&access_rules);
    return done;
}
