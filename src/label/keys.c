#include "label/keys.h"

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

bool label_keys_add(struct label_keys *keys, const uint8_t seed[LABEL_KEY_SEED], int64_t made_at)
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    if (keys->count == LABEL_KEYS_MAX)
        return false;
    struct label_key *key = &keys->list[keys->count];
    crypto_sign_seed_keypair(key->open, key->secret, seed);
    crypto_hash_sha256(digest, key->open, sizeof key->open);
    key->id = (uint16_t)(digest[0] << 8 | digest[1]);
    key->made_at = made_at;
    if (label_keys_find(keys, key->id))
        return false;
    keys->count++;
    return true;
}

const struct label_key *label_keys_find(const struct label_keys *keys, uint16_t id)
{
    for (int i = 0; i < keys->count; i++) {
        if (keys->list[i].id == id)
            return &keys->list[i];
    }
    return NULL;
}

const struct label_key *label_keys_newest(const struct label_keys *keys)
{
    return keys->count ? &keys->list[keys->count - 1] : NULL;
}

void label_keys_finish(struct label_keys *keys)
{
    sodium_memzero(keys, sizeof *keys);
}

// Written whole under another name and then linked: two services that start at once on one state
// directory end with the same key, and a crash leaves no half file.
static bool key_file_make(const char *path)
{
    char fresh[4200], line[128], hex[2 * LABEL_KEY_SEED + 1];
    uint8_t seed[LABEL_KEY_SEED];
    struct label_keys one = {0};
    int64_t now = clock_now();
    randombytes_buf(seed, sizeof seed);
    if (!label_keys_add(&one, seed, now))
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
    label_keys_finish(&one);
    return ok;
}

static bool key_line(struct label_keys *keys, const char *line)
{
    unsigned id;
    int64_t made_at;
    char hex[2 * LABEL_KEY_SEED + 1];
    uint8_t seed[LABEL_KEY_SEED];
    size_t len;
    bool ok = sscanf(line, "%4x %" SCNd64 " %64s", &id, &made_at, hex) == 3 &&
              sodium_hex2bin(seed, sizeof seed, hex, strlen(hex), NULL, &len, NULL) == 0 &&
              len == sizeof seed && label_keys_add(keys, seed, made_at) &&
              label_keys_newest(keys)->id == id;
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(hex, sizeof hex);
    return ok;
}

static bool key_file_read(struct label_keys *keys, const char *path)
{
    char line[160];
    struct stat about;
    FILE *file = fopen(path, "re");
    if (!file) {
        log_error("label", NULL, "cannot read %s: %s", path, strerror(errno));
        return false;
    }
    if (fstat(fileno(file), &about) == 0 && (about.st_mode & 077)) {
        log_error("label", NULL, "%s may be read by others: chmod 600 it", path);
        fclose(file);
        return false;
    }
    bool ok = true;
    while (ok && fgets(line, sizeof line, file))
        ok = line[0] == '#' || line[0] == '\n' || key_line(keys, line);
    sodium_memzero(line, sizeof line);
    fclose(file);
    if (!ok || !keys->count)
        log_error("label", NULL, "%s is not a file of label keys", path);
    return ok && keys->count;
}

static bool folder_make(const char *path, mode_t mode)
{
    if (mkdir(path, mode) == 0 || errno == EEXIST)
        return true;
    log_error("label", NULL, "cannot make %s: %s", path, strerror(errno));
    return false;
}

bool label_keys_load(struct label_keys *keys, const char *state_dir)
{
    char folder[4000], path[4096];
    *keys = (struct label_keys){0};
    if (sodium_init() < 0 ||
        (size_t)snprintf(folder, sizeof folder, "%s/keys", state_dir) >= sizeof folder)
        return false;
    snprintf(path, sizeof path, "%s/label.key", folder);
    if (!folder_make(state_dir, 0711) || !folder_make(folder, 0700))
        return false;
    if (access(path, F_OK) != 0 && !key_file_make(path)) {
        log_error("label", NULL, "cannot make %s: %s", path, strerror(errno));
        return false;
    }
    return key_file_read(keys, path);
}
