#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "db/embedded_parts.h"

enum { LOG_MAX = 8 << 20, TAIL = 2048, TAIL_LINES = 8 };

#define SOCKET_NAME "/.s.PGSQL.5432.lock"

static void path_hash(const char *path, char out[17])
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)path, strlen(path), NULL, 0);
    for (int i = 0; i < 8; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static bool make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        bool made = mkdir(path, 0755) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made)
            return false;
    }
    return true;
}

static bool state_make(struct embedded *e, const char *state_dir)
{
    char path[PATH_MAX], real[PATH_MAX];
    snprintf(path, sizeof path, "%s", state_dir);
    if (!make_parents(path) ||
        (mkdir(path, e->user.change ? 0755 : 0700) != 0 && errno != EEXIST) ||
        !realpath(path, real)) {
        log_error("embedded", NULL, "cannot make the state directory %s: %s", path,
                  strerror(errno));
        return false;
    }
    if (strlen(real) >= sizeof e->state) {
        log_error("embedded", NULL, "the state directory's path is too long: %s", real);
        return false;
    }
    snprintf(e->state, sizeof e->state, "%s", real);
    snprintf(e->data, sizeof e->data, "%s/postgres", real);
    return true;
}

// The database's user walks through our directory; it need not list it.
static bool state_open_way(const struct embedded *e)
{
    struct stat st;
    if (!e->user.change)
        return true;
    if (stat(e->state, &st) != 0)
        return false;
    return (st.st_mode & S_IXOTH) || chmod(e->state, (st.st_mode & 07777) | S_IXOTH) == 0;
}

static bool can_enter(const char *dir)
{
    return chdir(dir) == 0;
}

static bool state_reached(const struct embedded *e)
{
    char hash[17];
    if (state_open_way(e) && child_task(&e->user, can_enter, e->state))
        return true;
    path_hash(e->state, hash);
    log_error("embedded", NULL,
              "the database runs as user \"%s\", who cannot reach the state directory %s: choose "
              "another, for example --state-dir /var/lib/dossierpost/%s",
              e->user.name, e->state, hash);
    return false;
}

static bool lock_take(struct embedded *e)
{
    char path[300], pid[24] = "";
    snprintf(path, sizeof path, "%s/lock", e->state);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        log_error("embedded", NULL, "cannot open %s: %s", path, strerror(errno));
        return false;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t got = read(fd, pid, sizeof pid - 1);
        log_error("embedded", NULL,
                  "another dossierpost (process %.*s) uses the state directory %s",
                  got > 0 ? (int)strcspn(pid, "\n") : 1, got > 0 ? pid : "?", e->state);
        close(fd);
        return false;
    }
    int len = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)len, 0) != len)
        log_warn("embedded", NULL, "cannot write %s: %s", path, strerror(errno));
    e->lock = fd;
    return true;
}

// A directory nobody else can enter or has made for us beforehand.
static bool private_dir(const struct embedded *e, const char *path)
{
    struct stat st;
    if (mkdir(path, 0700) == 0) {
        if (!e->user.change || lchown(path, e->user.uid, e->user.gid) == 0)
            return true;
    } else if (errno == EEXIST && lstat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode) && st.st_uid == e->user.uid && (st.st_mode & 077) == 0)
            return true;
        errno = EPERM;
    }
    log_error("embedded", NULL, "%s must be a directory of user \"%s\" with mode 0700: %s", path,
              e->user.name, strerror(errno));
    return false;
}

static bool socket_path_fits(const char *dir)
{
    struct sockaddr_un address;
    return strlen(dir) + sizeof SOCKET_NAME <= sizeof address.sun_path &&
           dir[strspn(dir,
                      "/._-+0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] == 0;
}

static bool sockets_make(struct embedded *e)
{
    char path[300], hash[17];
    snprintf(path, sizeof path, "%s/run", e->state);
    if (!socket_path_fits(path)) {
        path_hash(e->state, hash);
        snprintf(path, sizeof path, "%s/dossierpost-%s", geteuid() == 0 ? "/run" : "/tmp", hash);
    }
    snprintf(e->sockets, sizeof e->sockets, "%s", path);
    return private_dir(e, e->sockets);
}

static bool log_open(struct embedded *e)
{
    char path[300];
    snprintf(path, sizeof path, "%s/postgres.log", e->state);
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0) {
        log_error("embedded", NULL, "cannot open %s: %s", path, strerror(errno));
        return false;
    }
    e->log = fd;
    return true;
}

bool embedded_place(struct embedded *e, const char *state_dir)
{
    return state_make(e, state_dir) && lock_take(e) && state_reached(e) && sockets_make(e) &&
           log_open(e);
}

void embedded_place_leave(struct embedded *e)
{
    if (e->log > 0)
        close(e->log);
    if (e->lock > 0)
        close(e->lock);
    e->log = e->lock = 0;
}

static int open_old_log(const struct embedded *e, int flags)
{
    char path[300];
    snprintf(path, sizeof path, "%s/postgres.log.1", e->state);
    return open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0640);
}

bool embedded_log_give(const struct embedded *e)
{
    int old = open_old_log(e, 0);
    bool done = old >= 0 && fchown(old, e->user.uid, e->user.gid) == 0;
    if (!done)
        log_error("embedded", NULL, "cannot make postgres.log.1: %s", strerror(errno));
    if (old >= 0)
        close(old);
    return done;
}

// The server keeps its descriptor, so the text is moved, not the file.
void embedded_log_trim(struct embedded *e)
{
    struct stat st;
    if (fstat(e->log, &st) != 0 || st.st_size < LOG_MAX)
        return;
    int old = open_old_log(e, O_TRUNC);
    if (old < 0)
        return;
    loff_t from = 0;
    while (copy_file_range(e->log, &from, old, NULL, LOG_MAX, 0) > 0)
        ;
    close(old);
    if (ftruncate(e->log, 0) != 0)
        log_warn("embedded", NULL, "cannot shorten postgres.log: %s", strerror(errno));
}

void embedded_log_tail(const struct embedded *e)
{
    char text[TAIL + 1];
    struct stat st;
    if (fstat(e->log, &st) != 0)
        return;
    ssize_t got = pread(e->log, text, TAIL, st.st_size > TAIL ? st.st_size - TAIL : 0);
    if (got <= 0)
        return;
    text[got] = 0;
    char *start = text + got;
    for (int lines = 0; start > text && lines <= TAIL_LINES; start--)
        lines += start[-1] == '\n';
    char *rest = NULL;
    for (char *line = strtok_r(start, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        log_error("embedded", NULL, "postgres.log: %s", line);
}
