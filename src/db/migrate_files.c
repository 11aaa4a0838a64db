#include "db/migrate_files.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/migrate.h"

static const char folder[] = "migrations/";

static void sha256(const void *data, size_t len, char out[MIGRATE_SUM])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, data, len);
    sodium_bin2hex(out, MIGRATE_SUM, hash, sizeof hash);
}

// NNNN_name.sql or NNNNx_name.sql
static bool name_good(const char *name)
{
    size_t digits = strspn(name, "0123456789");
    const char *rest = name + digits;
    if (*rest >= 'a' && *rest <= 'z')
        rest++;
    if (digits != 4 || *rest++ != '_')
        return false;
    size_t word = strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return word > 0 && strcmp(rest + word, ".sql") == 0;
}

static bool file_add(struct migrate_files *files, const char *name, const struct asset *asset)
{
    if (!name_good(name) || files->count == MIGRATE_MAX) {
        log_error("migrate", NULL, "%s: a migration's name is NNNN_name.sql", name);
        return false;
    }
    if (files->count && strcmp(files->list[files->count - 1].name, name) >= 0) {
        log_error("migrate", NULL, "%s is not in order", name);
        return false;
    }
    struct migrate_file *file = &files->list[files->count++];
    file->name = name;
    file->sql = asset->data;
    sha256(asset->data, asset->size, file->sum);
    return true;
}

struct migrate_files *migrate_files_find(const struct asset *list)
{
    struct migrate_files *files = calloc(1, sizeof *files);
    if (!files)
        die("out of memory");
    for (const struct asset *asset = list; asset->name; asset++) {
        const char *name = asset->name + strlen(folder);
        if (strncmp(asset->name, folder, strlen(folder)) != 0 || !strstr(name, ".sql"))
            continue;
        if (!file_add(files, name, asset)) {
            free(files);
            return NULL;
        }
    }
    return files;
}

static const struct migrate_file *file_named(const struct migrate_files *files, const char *name)
{
    for (int i = 0; i < files->count; i++) {
        if (strcmp(files->list[i].name, name) == 0)
            return &files->list[i];
    }
    return NULL;
}

int migrate_files_compare(const struct migrate_files *files, const struct migrate_applied *applied,
                          int count, char why[MIGRATE_WHY])
{
    for (int i = 0; i < count; i++) {
        const struct migrate_file *file = file_named(files, applied[i].name);
        if (!file) {
            snprintf(why, MIGRATE_WHY,
                     "%s was applied to this database and is not among this program's migrations: "
                     "is the program older than the database?",
                     applied[i].name);
            return -1;
        }
        if (strcmp(file->sum, applied[i].sum) != 0) {
            snprintf(why, MIGRATE_WHY,
                     "%s has changed since it was applied (SHA-256 %.12s… then, %.12s… now): put "
                     "it back and write the change as a new migration",
                     file->name, applied[i].sum, file->sum);
            return -1;
        }
        if (file != &files->list[i]) {
            snprintf(why, MIGRATE_WHY,
                     "%s comes before %s, which is applied already: give it a higher number",
                     files->list[i].name, file->name);
            return -1;
        }
    }
    return count;
}

// Must give what migrate_digest gives: "name sum\n" for each, in order of name.
const char migrate_digest_sql[] =
    "select encode(sha256(convert_to(coalesce(string_agg(name || ' ' || sum || e'\\n', '' "
    "order by name), ''), 'UTF8')), 'hex') from migration.applied";

const char *migrate_digest(void)
{
    static char digest[MIGRATE_SUM];
    if (digest[0])
        return digest;
    struct migrate_files *files = migrate_files_find(assets);
    if (!files)
        return "";
    crypto_hash_sha256_state state;
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    for (int i = 0; i < files->count; i++) {
        char line[300];
        int len = snprintf(line, sizeof line, "%s %s\n", files->list[i].name, files->list[i].sum);
        crypto_hash_sha256_update(&state, (unsigned char *)line, (unsigned long long)len);
    }
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(digest, sizeof digest, hash, sizeof hash);
    free(files);
    return digest;
}
