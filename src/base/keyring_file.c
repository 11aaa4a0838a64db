#include "base/keyring_text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum { KEY_LINE = 128 };

static bool failed(const char *what, const char *path)
{
    log_error("keys", NULL, "%s %s: %s", what, path, strerror(errno));
    return false;
}

static bool key_path(char path[4096], const char *state_dir, const char *name)
{
    return (size_t)snprintf(path, 4096, "%s/keys/%s.key", state_dir, name) < 4000;
}

// --- making --------------------------------------------------------------------------------------

static bool folder_make(const char *path, mode_t mode)
{
    return mkdir(path, mode) == 0 || errno == EEXIST || failed("cannot make", path);
}

// A fresh key at the ring's end, and its line. Its length; 0 when the ring is full.
static int key_make(struct keyring *keys, int64_t made_at, char line[KEY_LINE])
{
    char hex[2 * SIGN_KEY_SEED + 1];
    uint8_t seed[SIGN_KEY_SEED];
    bool added = false;
    while (!added && keys->count < KEYRING_MAX) { // two in 65,536 have one id
        randombytes_buf(seed, sizeof seed);
        added = keyring_add(keys, seed, made_at);
    }
    sodium_bin2hex(hex, sizeof hex, seed, sizeof seed);
    int len = added ? snprintf(line, KEY_LINE, "%04x %" PRId64 " %s\n",
                               keys->list[keys->count - 1].id, made_at, hex)
                    : 0;
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(hex, sizeof hex);
    return len;
}

// Written whole under another name and then linked: two services that start at once on one state
// directory end with the same key, and a crash leaves no half file.
static bool key_file_make(const char *path)
{
    char fresh[4200], line[KEY_LINE];
    struct keyring one = {0};
    int len = key_make(&one, clock_now(), line);
    snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, line, (size_t)len) == len && fsync(fd) == 0;
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    ok = ok && (link(fresh, path) == 0 || errno == EEXIST);
    if (fd >= 0)
        unlink(fresh);
    sodium_memzero(line, sizeof line);
    keyring_finish(&one);
    return ok || failed("cannot make", path);
}

// --- reading -------------------------------------------------------------------------------------

static bool text_read(struct keyring *keys, int fd, const char *path, size_t *whole)
{
    char text[KEYRING_TEXT + 1];
    ssize_t len = pread(fd, text, sizeof text, 0);
    if (len < 0)
        return failed("cannot read", path);
    bool good = len <= KEYRING_TEXT && keyring_parse(keys, text, (size_t)len, whole) &&
                keyring_signing(keys);
    sodium_memzero(text, sizeof text);
    if (good && *whole < (size_t)len)
        log_warn("keys", NULL, "the last line of %s has no end and is passed over", path);
    if (!good)
        log_error("keys", NULL, "%s is not a file of signing keys", path);
    return good;
}

static bool is_private(const struct stat *about, const char *path)
{
    if ((about->st_mode & 077) == 0)
        return true;
    log_error("keys", NULL, "%s may be read by others: chmod 600 it", path);
    return false;
}

static void mark_seen(struct keyring *keys, const struct stat *about)
{
    keys->seen_at = about->st_ctim.tv_sec * INT64_C(1000000000) + about->st_ctim.tv_nsec;
    keys->seen_size = about->st_size;
}

// Never 0 to 2, which somebody may have left closed. Negative: not opened.
static int file_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0 || fd > 2)
        return fd;
    int above = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    close(fd);
    return above;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

// One that is to be written is locked, and is that of the path also once it is: another may have
// been put in its place while we waited. Negative after a line in the log.
static int key_file_open(const char *path, int flags, struct stat *about)
{
    for (;;) {
        struct stat there;
        int fd = file_open(path, flags);
        const char *what = fd < 0                                        ? "cannot read"
                           : (flags & O_RDWR) && flock(fd, LOCK_EX) != 0 ? "cannot lock"
                           : fstat(fd, about) != 0                       ? "cannot look at"
                                                                         : NULL;
        if (what)
            failed(what, path);
        else if (!(flags & O_RDWR) || (stat(path, &there) == 0 && same_file(about, &there)))
            return fd;
        if (fd >= 0)
            close(fd);
        if (what)
            return -1;
    }
}

// Opens and reads; the file stays open. `whole`: where the next line goes.
static bool key_file_read(struct keyring *keys, const char *path, int flags, size_t *whole)
{
    struct stat about;
    *keys = (struct keyring){0};
    int fd = key_file_open(path, flags, &about);
    if (fd < 0)
        return false;
    keys->file = fd;
    bool good = is_private(&about, path) && text_read(keys, fd, path, whole);
    if (good)
        mark_seen(keys, &about);
    else
        keyring_finish(keys);
    return good;
}

bool keyring_load(struct keyring *keys, const char *state_dir, const char *name)
{
    char folder[4096], path[4096];
    size_t whole;
    *keys = (struct keyring){0};
    if (sodium_init() < 0 || !key_path(path, state_dir, name))
        return false;
    snprintf(folder, sizeof folder, "%s/keys", state_dir);
    if (!folder_make(state_dir, 0711) || !folder_make(folder, 0700))
        return false;
    if (access(path, F_OK) != 0 && !key_file_make(path))
        return false;
    return key_file_read(keys, path, O_RDONLY, &whole);
}

bool keyring_look(struct keyring *keys, const char *state_dir, const char *name)
{
    char path[4096];
    size_t whole;
    *keys = (struct keyring){0};
    return sodium_init() >= 0 && key_path(path, state_dir, name) && access(path, R_OK) == 0 &&
           key_file_read(keys, path, O_RDONLY, &whole);
}

// --- changing ------------------------------------------------------------------------------------

static bool too_long(const char *path)
{
    log_error("keys", NULL, "%s would be longer than %d bytes: take remarks out of it", path,
              KEYRING_TEXT);
    return false;
}

// In one write behind what is whole; a write that fails leaves the file as it was.
static bool lines_write(int fd, size_t at, const char *lines, size_t len, const char *path)
{
    char last = '\n';
    bool open_end = at > 0 && pread(fd, &last, 1, (off_t)at - 1) == 1 && last != '\n';
    if (at + open_end + len > KEYRING_TEXT)
        return too_long(path);
    bool good = ftruncate(fd, (off_t)at) == 0 &&
                (!open_end || pwrite(fd, "\n", 1, (off_t)at) == 1) &&
                pwrite(fd, lines, len, (off_t)at + open_end) == (ssize_t)len && fsync(fd) == 0;
    if (good)
        return true;
    int why = errno;
    if (ftruncate(fd, (off_t)at) != 0)
        log_error("keys", NULL, "%s has a line that is not whole", path);
    errno = why;
    return failed("cannot write", path);
}

static bool full(const char *path, int room)
{
    log_error("keys", NULL, "%s holds %d keys: no more fit", path, room);
    return false;
}

bool keyring_new(struct keyring *keys, const char *state_dir, const char *name, int64_t signs_from)
{
    char path[4096], line[KEY_LINE];
    size_t whole;
    if (!key_path(path, state_dir, name) || !key_file_read(keys, path, O_RDWR, &whole))
        return false;
    const int room = KEYRING_MAX - KEYRING_SPARE;
    int len = keys->count < room ? key_make(keys, signs_from, line) : 0;
    bool done = len ? lines_write(keys->file, whole, line, (size_t)len, path) : full(path, room);
    sodium_memzero(line, sizeof line);
    if (!done)
        keyring_finish(keys);
    return done;
}

static void mark_revoked(struct keyring *keys, uint16_t id, int64_t at)
{
    for (int i = 0; i < keys->count; i++) {
        if (keys->list[i].id == id)
            keys->list[i].revoked_at = at;
    }
}

static bool revoke_write(struct keyring *keys, uint16_t id, size_t whole, const char *path)
{
    char lines[2 * KEY_LINE];
    int64_t now = clock_now();
    bool signs = keyring_signing(keys) == keyring_find(keys, id);
    int len = signs ? key_make(keys, now, lines) : 0;
    mark_revoked(keys, id, now);
    if (!keyring_signing(keys))
        return full(path, KEYRING_MAX);
    len += snprintf(lines + len, KEY_LINE, "%04x revoked %" PRId64 "\n", id, now);
    bool done = lines_write(keys->file, whole, lines, (size_t)len, path);
    sodium_memzero(lines, sizeof lines);
    return done;
}

bool keyring_revoke(struct keyring *keys, const char *state_dir, const char *name, uint16_t id)
{
    char path[4096];
    size_t whole;
    if (!key_path(path, state_dir, name) || !key_file_read(keys, path, O_RDWR, &whole))
        return false;
    const struct sign_key *key = keyring_find(keys, id);
    if (!key)
        log_error("keys", NULL, "%s has no key %04x", path, id);
    bool done = key && (key->revoked_at || revoke_write(keys, id, whole, path));
    if (!done)
        keyring_finish(keys);
    return done;
}

// --- beside a running service --------------------------------------------------------------------

static struct {
    const char *use;
    struct keyring *keys;
} published[4];
static pthread_mutex_t refreshing = PTHREAD_MUTEX_INITIALIZER;

void keyring_publish(const char *use, struct keyring *keys)
{
    for (size_t i = 0; i < countof(published); i++) {
        if (!published[i].use || strcmp(published[i].use, use) == 0) {
            published[i].use = use;
            published[i].keys = keys;
            return;
        }
    }
}

const struct keyring *keyring_published(int index, const char **use)
{
    if (index >= (int)countof(published) || !published[index].use)
        return NULL;
    *use = published[index].use;
    return published[index].keys;
}

static bool continues(const struct keyring *keys, const struct keyring *now)
{
    if (now->count < keys->count)
        return false;
    for (int i = 0; i < keys->count; i++) {
        if (memcmp(now->list[i].open, keys->list[i].open, SIGN_KEY_PUBLIC) != 0)
            return false;
    }
    return true;
}

// What is new first: somebody who signs meanwhile finds one that may.
static void take_in(struct keyring *keys, const struct keyring *now, const char *path)
{
    for (int i = keys->count; i < now->count; i++) {
        keys->list[i] = now->list[i];
        keys->count = i + 1;
        log_info("keys", NULL, "key %04x of %s is new", now->list[i].id, path);
    }
    for (int i = 0; i < keys->count; i++) {
        int64_t at = now->list[i].revoked_at;
        if (at && !keys->list[i].revoked_at) {
            log_warn("keys", NULL, "key %04x of %s is revoked", keys->list[i].id, path);
            keys->list[i].revoked_at = at;
        }
    }
}

// A file that was put in the place of the other is another file; where the folder is closed to us,
// the one that we hold is all there is.
static void file_follow(struct keyring *keys, const char *path)
{
    struct stat there, held;
    if (stat(path, &there) != 0 || fstat(keys->file, &held) != 0 || same_file(&there, &held))
        return;
    int fd = file_open(path, O_RDONLY);
    if (fd < 0)
        return;
    close(keys->file);
    keys->file = fd;
    keys->seen_at = 0;
}

static void refresh(struct keyring *keys, const char *path)
{
    struct stat about;
    struct keyring now = {0};
    size_t whole;
    file_follow(keys, path);
    int64_t seen_at = keys->seen_at, seen_size = keys->seen_size;
    if (fstat(keys->file, &about) != 0)
        return;
    mark_seen(keys, &about);
    if (keys->seen_at == seen_at && keys->seen_size == seen_size)
        return;
    if (is_private(&about, path) && text_read(&now, keys->file, path, &whole)) {
        if (continues(keys, &now))
            take_in(keys, &now, path);
        else
            log_error("keys", NULL, "%s has lost keys: those known stay in force", path);
    }
    keyring_finish(&now);
}

static void refresh_all(const char *state_dir)
{
    char path[4096];
    for (size_t i = 0; i < countof(published) && published[i].use; i++) {
        if (published[i].keys->file && key_path(path, state_dir, published[i].use))
            refresh(published[i].keys, path);
    }
}

void keyrings_refresh(const char *state_dir)
{
    pthread_mutex_lock(&refreshing);
    refresh_all(state_dir);
    pthread_mutex_unlock(&refreshing);
}

void keyrings_look_again(const char *state_dir)
{
    static const int64_t apart = 200000;
    static int64_t looked_at;
    pthread_mutex_lock(&refreshing);
    int64_t now = clock_monotonic();
    if (!looked_at || now - looked_at >= apart) {
        looked_at = now;
        refresh_all(state_dir);
    }
    pthread_mutex_unlock(&refreshing);
}
