#include "base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

enum {
    VERSION = 1,
    NONCE = crypto_secretbox_NONCEBYTES,
    TAG = crypto_secretbox_MACBYTES,
    KEY = crypto_secretbox_KEYBYTES,
    OVERHEAD = 1 + NONCE + TAG,
};
_Static_assert(SEAL_KEY_BYTES == OVERHEAD + KEY, "a sealed key has one size");
_Static_assert(SEAL_MAC_BYTES == crypto_auth_hmacsha256_BYTES, "mac is HMAC-SHA256");

static uint8_t master[KEY];

// --- the master key ------------------------------------------------------------------------------

static bool failed(const char *what, const char *path)
{
    log_error("seal", NULL, "%s %s: %s", what, path, strerror(errno));
    return false;
}

static bool write_whole(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return fsync(fd) == 0;
}

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

// Linked into place, so that of two services starting at once one makes the key and both use it.
static bool make_key(const char *folder, const char *path)
{
    char draft[512];
    uint8_t key[KEY];
    snprintf(draft, sizeof draft, "%s.%ld", path, (long)getpid());
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed("cannot write", draft);
    randombytes_buf(key, sizeof key);
    bool written = write_whole(fd, key, sizeof key);
    close(fd);
    sodium_memzero(key, sizeof key);
    bool linked = written && (link(draft, path) == 0 || errno == EEXIST);
    int why = errno;
    unlink(draft);
    errno = why;
    return linked && sync_folder(folder) ? true : failed("cannot make", path);
}

static bool read_key(const char *path, bool *absent)
{
    uint8_t extra;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    *absent = fd < 0 && errno == ENOENT;
    if (*absent)
        return false;
    if (fd < 0)
        return failed("cannot read", path);
    bool whole =
        read(fd, master, sizeof master) == (ssize_t)sizeof master && read(fd, &extra, 1) == 0;
    close(fd);
    if (!whole)
        log_error("seal", NULL, "%s is not a key of %d bytes", path, KEY);
    return whole;
}

static bool key_place(const char *state_dir, char folder[400], char path[440])
{
    if (sodium_init() < 0) {
        log_error("seal", NULL, "no source of randomness");
        return false;
    }
    if ((size_t)snprintf(folder, 400, "%s/keys", state_dir) >= 400) {
        log_error("seal", NULL, "state_dir is too long");
        return false;
    }
    snprintf(path, 440, "%s/personal.key", folder);
    return true;
}

bool seal_setup(const char *state_dir)
{
    char folder[400], path[440];
    bool absent;
    if (!key_place(state_dir, folder, path))
        return false;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return failed("cannot make", folder);
    if (read_key(path, &absent))
        return true;
    return absent && make_key(folder, path) && read_key(path, &absent);
}

bool seal_look(const char *state_dir)
{
    char folder[400], path[440];
    bool absent;
    return key_place(state_dir, folder, path) && access(path, R_OK) == 0 && read_key(path, &absent);
}

// --- payloads ------------------------------------------------------------------------------------

// version, nonce, tag and ciphertext
static void box(uint8_t *out, const void *plain, size_t len, const uint8_t key[KEY])
{
    out[0] = VERSION;
    randombytes_buf(out + 1, NONCE);
    crypto_secretbox_easy(out + 1 + NONCE, plain, len, out + 1, key);
}

static bool unbox(uint8_t *plain, const uint8_t *data, size_t len, const uint8_t key[KEY])
{
    return len >= OVERHEAD && data[0] == VERSION &&
           crypto_secretbox_open_easy(plain, data + 1 + NONCE, len - 1 - NONCE, data + 1, key) == 0;
}

static void hmac(uint8_t mac[SEAL_MAC_BYTES], const void *plain, size_t len,
                 const uint8_t salt[SEAL_SALT_BYTES])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, salt, SEAL_SALT_BYTES);
    crypto_auth_hmacsha256_update(&state, plain, len);
    crypto_auth_hmacsha256_final(&state, mac);
}

void seal_close(struct arena *arena, const void *plain, size_t len, struct sealed *out)
{
    uint8_t key[KEY];
    randombytes_buf(key, sizeof key);
    uint8_t *data = arena_alloc(arena, OVERHEAD + len);
    box(data, plain, len, key);
    box(out->key, key, sizeof key, master);
    sodium_memzero(key, sizeof key);
    out->data = data;
    out->len = OVERHEAD + len;
    randombytes_buf(out->salt, sizeof out->salt);
    hmac(out->mac, plain, len, out->salt);
}

size_t seal_plain_size(size_t sealed_len)
{
    return sealed_len > OVERHEAD ? sealed_len - OVERHEAD : 0;
}

bool seal_open_into(void *plain, const void *data, size_t len, const void *key, size_t key_len)
{
    uint8_t own[KEY];
    if (!data || !key || len < OVERHEAD || key_len != SEAL_KEY_BYTES)
        return false;
    bool ok = unbox(own, key, key_len, master) && unbox(plain, data, len, own);
    sodium_memzero(own, sizeof own);
    return ok;
}

char *seal_open(struct arena *arena, const void *data, size_t len, const void *key, size_t key_len,
                size_t *plain_len)
{
    *plain_len = seal_plain_size(len);
    char *plain = arena_alloc(arena, *plain_len + 1);
    return seal_open_into(plain, data, len, key, key_len) ? plain : NULL;
}

void seal_digest(const void *data, size_t len, uint8_t digest[SEAL_DIGEST_BYTES])
{
    uint8_t key[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256(key, (const uint8_t *)"digest", 6, master);
    crypto_auth_hmacsha256(digest, data, len, key);
    sodium_memzero(key, sizeof key);
}

void seal_mark(uint8_t mark[SEAL_DIGEST_BYTES])
{
    crypto_auth_hmacsha256(mark, (const uint8_t *)"mark", 4, master);
}

bool seal_fits(const void *plain, size_t len, const uint8_t salt[SEAL_SALT_BYTES],
               const uint8_t mac[SEAL_MAC_BYTES])
{
    uint8_t now[SEAL_MAC_BYTES];
    hmac(now, plain, len, salt);
    return sodium_memcmp(now, mac, sizeof now) == 0;
}
