#include "base/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

bool keyring_add(struct keyring *keys, const uint8_t seed[SIGN_KEY_SEED], int64_t made_at)
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    if (keys->count == KEYRING_MAX)
        return false;
    struct sign_key *key = &keys->list[keys->count];
    crypto_sign_seed_keypair(key->open, key->secret, seed);
    crypto_hash_sha256(digest, key->open, sizeof key->open);
    key->id = (uint16_t)(digest[0] << 8 | digest[1]);
    key->made_at = made_at;
    if (keyring_find(keys, key->id))
        return false;
    keys->count++;
    return true;
}

const struct sign_key *keyring_find(const struct keyring *keys, uint16_t id)
{
    for (int i = 0; i < keys->count; i++) {
        if (keys->list[i].id == id)
            return &keys->list[i];
    }
    return NULL;
}

const struct sign_key *keyring_newest(const struct keyring *keys)
{
    return keys->count ? &keys->list[keys->count - 1] : NULL;
}

void keyring_finish(struct keyring *keys)
{
    sodium_memzero(keys, sizeof *keys);
}

// Written whole under another name and then linked: two services that start at once on one state
// directory end with the same key, and a crash leaves no half file.
static bool key_file_make(const char *path)
{
    char fresh[4200], line[128], hex[2 * SIGN_KEY_SEED + 1];
    uint8_t seed[SIGN_KEY_SEED];
    struct keyring one = {0};
    int64_t now = clock_now();
    randombytes_buf(seed, sizeof seed);
    if (!keyring_add(&one, seed, now))
        return false;
    sodium_bin2hex(hex, sizeof hex, seed, sizeof seed);
    int len = snprintf(line, sizeof line, "%04x %" PRId64 " %s\n", one.list[0].id, now, hex);
    snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, line, (size_t)len) == len && fsync(fd) == 0;
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    ok = ok && (link(fresh, path) == 0 || errno == EEXIST);
    if (fd >= 0)
        unlink(fresh);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(line, sizeof line);
    keyring_finish(&one);
    return ok;
}

static bool key_line(struct keyring *keys, const char *line)
{
    unsigned id;
    int64_t made_at;
    char hex[2 * SIGN_KEY_SEED + 1];
    uint8_t seed[SIGN_KEY_SEED];
    size_t len;
    bool ok = sscanf(line, "%4x %" SCNd64 " %64s", &id, &made_at, hex) == 3 &&
              sodium_hex2bin(seed, sizeof seed, hex, strlen(hex), NULL, &len, NULL) == 0 &&
              len == sizeof seed && keyring_add(keys, seed, made_at) &&
              keyring_newest(keys)->id == id;
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(hex, sizeof hex);
    return ok;
}

static bool key_file_read(struct keyring *keys, const char *path)
{
    char line[160];
    struct stat about;
    FILE *file = fopen(path, "re");
    if (!file) {
        log_error("keys", NULL, "cannot read %s: %s", path, strerror(errno));
        return false;
    }
    if (fstat(fileno(file), &about) == 0 && (about.st_mode & 077)) {
        log_error("keys", NULL, "%s may be read by others: chmod 600 it", path);
        fclose(file);
        return false;
    }
    bool ok = true;
    while (ok && fgets(line, sizeof line, file))
        ok = line[0] == '#' || line[0] == '\n' || key_line(keys, line);
    sodium_memzero(line, sizeof line);
    fclose(file);
    if (!ok || !keys->count)
        log_error("keys", NULL, "%s is not a file of signing keys", path);
    return ok && keys->count;
}

static bool folder_make(const char *path, mode_t mode)
{
    if (mkdir(path, mode) == 0 || errno == EEXIST)
        return true;
    log_error("keys", NULL, "cannot make %s: %s", path, strerror(errno));
    return false;
}

static bool key_path(char path[4096], const char *state_dir, const char *name)
{
    return (size_t)snprintf(path, 4096, "%s/keys/%s.key", state_dir, name) < 4000;
}

bool keyring_load(struct keyring *keys, const char *state_dir, const char *name)
{
    char folder[4096], path[4096];
    *keys = (struct keyring){0};
    if (sodium_init() < 0 || !key_path(path, state_dir, name))
        return false;
    snprintf(folder, sizeof folder, "%s/keys", state_dir);
    if (!folder_make(state_dir, 0711) || !folder_make(folder, 0700))
        return false;
    if (access(path, F_OK) != 0 && !key_file_make(path)) {
        log_error("keys", NULL, "cannot make %s: %s", path, strerror(errno));
        return false;
    }
    return key_file_read(keys, path);
}

bool keyring_look(struct keyring *keys, const char *state_dir, const char *name)
{
    char path[4096];
    *keys = (struct keyring){0};
    return key_path(path, state_dir, name) && access(path, R_OK) == 0 && key_file_read(keys, path);
}

static struct {
    const char *use;
    const struct keyring *keys;
} published[4];

void keyring_publish(const char *use, const struct keyring *keys)
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
