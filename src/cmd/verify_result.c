#include "cmd/verify_result.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "dossier/result_seal.h"
#include "label/keys.h"

const char cmd_verify_result_usage[] =
    "usage: dossierpost verify-result FILE.pdf --seal SEAL.json [--keys FILE] [--json]\n"
    "  --seal   the seal that was downloaded beside the PDF\n"
    "  --keys   what GET /v1/keys said, kept in a file; otherwise the keys in the state directory\n"
    "verdicts: genuine, revoked-key, unknown-key, altered, other-file, no-seal\n"
    "Whether a newer version replaced it only the service knows: POST /v1/results/verify.\n"
    "exit status 0: genuine; 1: not; 2: usage\n";

struct wish {
    const char *file, *seal, *keys;
    bool json;
};

static bool wish_read(struct wish *wish, int argc, char **argv)
{
    const struct {
        const char *name, **value;
    } options[] = {{"--seal", &wish->seal}, {"--keys", &wish->keys}};
    for (int i = 1; i < argc; i++) {
        bool known = strcmp(argv[i], "--json") == 0;
        wish->json = wish->json || known;
        for (size_t k = 0; k < countof(options) && !known; k++) {
            known = strcmp(argv[i], options[k].name) == 0 && i + 1 < argc && !*options[k].value;
            if (known)
                *options[k].value = argv[++i];
        }
        if (!known && (wish->file || argv[i][0] == '-'))
            return false;
        if (!known)
            wish->file = argv[i];
    }
    return wish->file && wish->seal;
}

static bool keys_read(struct keyring *keys, const char *path)
{
    json_error_t error;
    const char *why = error.text;
    if (!path && keyring_look(keys, conf.state_dir, "result"))
        return true;
    if (!path) {
        fprintf(
            stderr,
            "dossierpost verify-result: no keys that may be read in the state directory %s: see "
            "--keys\n",
            conf.state_dir);
        return false;
    }
    json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    bool good = document && label_keys_read(document, "result", keys, &why);
    if (!good)
        fprintf(stderr, "dossierpost verify-result: %s: %s\n", path, why);
    json_decref(document);
    return good;
}

// Its length and its SHA-256. False having said why.
static bool file_read(const char *path, int64_t *size, uint8_t digest[RESULT_DIGEST])
{
    static uint8_t part[65536];
    crypto_hash_sha256_state state;
    size_t got;
    FILE *file = fopen(path, "re");
    crypto_hash_sha256_init(&state);
    *size = 0;
    while (file && (got = fread(part, 1, sizeof part, file)) > 0) {
        crypto_hash_sha256_update(&state, part, got);
        *size += (int64_t)got;
    }
    bool good = file && !ferror(file);
    if (!good)
        fprintf(stderr, "dossierpost verify-result: %s: %s\n", path, strerror(errno));
    if (file)
        fclose(file);
    crypto_hash_sha256_final(&state, digest);
    return good;
}

static enum result_verdict judge(const struct keyring *keys, const struct result_seal *seal,
                                 int64_t size, const uint8_t digest[RESULT_DIGEST])
{
    enum result_verdict verdict = result_seal_judge(seal, keys);
    bool same = size == seal->size && memcmp(digest, seal->sha256, RESULT_DIGEST) == 0;
    return verdict == RESULT_GENUINE && !same ? RESULT_OTHER_FILE : verdict;
}

static void tell(enum result_verdict verdict, const struct result_seal *seal, bool json)
{
    char hex[RESULT_HEX], at[CLOCK_TEXT], kid[5];
    const char *name = result_verdict_name(verdict);
    bool sealed =
        verdict == RESULT_GENUINE || verdict == RESULT_OTHER_FILE || verdict == RESULT_REVOKED_KEY;
    sodium_bin2hex(hex, sizeof hex, seal->sha256, sizeof seal->sha256);
    clock_format(seal->at, at);
    snprintf(kid, sizeof kid, "%04x", seal->kid);
    json_t *all = json_pack("{s:s}", "verdict", name);
    json_t *more = json_pack("{s:s, s:i, s:s, s:s, s:s}", "dossier", seal->dossier, "version",
                             seal->version, "at", at, "sha256", hex, "kid", kid);
    if (sealed)
        json_object_update(all, more);
    if (json)
        json_dumpf(all, stdout, JSON_COMPACT);
    else if (sealed)
        printf("%s  %s  version %d  %s  key %s", name, seal->dossier, seal->version, at, kid);
    else
        printf("%s", name);
    printf("\n");
    json_decref(more);
    json_decref(all);
}

int cmd_verify_result(int argc, char **argv)
{
    struct wish wish = {0};
    struct keyring keys = {0};
    struct result_seal seal = {0};
    json_error_t error;
    uint8_t digest[RESULT_DIGEST];
    int64_t size;
    if (!wish_read(&wish, argc, argv)) {
        fputs(cmd_verify_result_usage, stderr);
        return 2;
    }
    if (sodium_init() < 0 || !file_read(wish.file, &size, digest) || !keys_read(&keys, wish.keys))
        return 1;
    json_t *json = json_load_file(wish.seal, JSON_REJECT_DUPLICATES, &error);
    bool read = json && result_seal_read(json, &seal);
    enum result_verdict verdict = read ? judge(&keys, &seal, size, digest) : RESULT_NO_SEAL;
    tell(verdict, &seal, wish.json);
    json_decref(json);
    keyring_finish(&keys);
    return verdict == RESULT_GENUINE ? 0 : 1;
}
