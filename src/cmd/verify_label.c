#include "cmd/verify_label.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "label/code.h"
#include "label/keys.h"

const char cmd_verify_label_usage[] =
    "usage: dossierpost verify-label CODE|- [--keys FILE] [--json]\n"
    "  CODE     what the scanner read: the link, or its last 128 characters\n"
    "  -        many of them from standard input, one a line; one verdict a line\n"
    "  --keys   what GET /v1/keys said, kept in a file; otherwise the keys in the state directory\n"
    "verdicts: genuine, revoked-key, unknown-key, altered, no-code\n"
    "exit status 0: genuine, every one; 1: not; 2: usage\n";

struct wish {
    const char *code, *keys;
    bool json;
};

static bool wish_read(struct wish *wish, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            wish->json = true;
        else if (strcmp(argv[i], "--keys") == 0 && i + 1 < argc && !wish->keys)
            wish->keys = argv[++i];
        else if (!wish->code && (argv[i][0] != '-' || !argv[i][1]))
            wish->code = argv[i];
        else
            return false;
    }
    return wish->code != NULL;
}

static bool keys_of_file(struct keyring *keys, const char *path)
{
    json_error_t error;
    const char *why = error.text;
    json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    bool good = document && label_keys_read(document, "label", keys, &why);
    if (!good)
        fprintf(stderr, "dossierpost verify-label: %s: %s\n", path, why);
    json_decref(document);
    return good;
}

static bool keys_read(struct keyring *keys, const char *path)
{
    if (path)
        return keys_of_file(keys, path);
    if (keyring_look(keys, conf.state_dir, "label"))
        return true;
    fprintf(stderr,
            "dossierpost verify-label: no keys that may be read in the state directory %s: see "
            "--keys\n",
            conf.state_dir);
    return false;
}

// --- telling -------------------------------------------------------------------------------------

struct found {
    enum label_verdict verdict;
    struct label_code code;
    const struct sign_key *key;
};

static bool was_signed(const struct found *found)
{
    return found->verdict == LABEL_GENUINE || found->verdict == LABEL_REVOKED_KEY;
}

static json_t *found_json(const struct found *found)
{
    char day[LABEL_DAY_TEXT], key[5], revoked[CLOCK_TEXT];
    const struct label_code *code = &found->code;
    json_t *all = json_pack("{s:s}", "verdict", label_verdict_name(found->verdict));
    if (found->verdict == LABEL_NO_CODE)
        return all;
    snprintf(key, sizeof key, "%04x", code->key);
    json_object_set_new(all, "key", json_string(key));
    if (!was_signed(found))
        return all;
    label_day_format(code->day, day);
    json_t *more = json_pack("{s:s, s:i, s:s, s:i, s:i, s:b}", "number", code->number, "office",
                             (int)code->office, "printed_on", day, "copy", code->copy, "flags",
                             code->flags, "demo", code->flags & LABEL_FLAG_DEMO);
    json_object_update(all, more);
    json_decref(more);
    if (found->verdict == LABEL_REVOKED_KEY) {
        clock_format(found->key->revoked_at, revoked);
        json_object_set_new(all, "revoked_at", json_string(revoked));
    }
    return all;
}

static void tell(const struct found *found, bool json)
{
    char day[LABEL_DAY_TEXT];
    const struct label_code *code = &found->code;
    if (json) {
        json_t *all = found_json(found);
        json_dumpf(all, stdout, JSON_COMPACT);
        json_decref(all);
    } else {
        printf("%s", label_verdict_name(found->verdict));
        label_day_format(code->day, day);
        if (was_signed(found))
            printf("  %s  copy %d  %s  office %u  key %04x%s", code->number, code->copy, day,
                   code->office, code->key, code->flags & LABEL_FLAG_DEMO ? "  demo" : "");
        else if (found->verdict != LABEL_NO_CODE)
            printf("  key %04x", code->key);
    }
    printf("\n");
}

static bool judge(const struct keyring *keys, const char *text, bool json)
{
    struct found found;
    found.verdict = label_code_judge(keys, text, &found.code);
    found.key = keyring_find(keys, found.code.key);
    tell(&found, json);
    return found.verdict == LABEL_GENUINE;
}

static bool judge_lines(const struct keyring *keys, bool json)
{
    char *line = NULL;
    size_t room = 0, count = 0;
    ssize_t len;
    bool good = true;
    while ((len = getline(&line, &room, stdin)) >= 0) {
        bool text = strlen(line) == (size_t)len; // a line with a NUL is no text
        good = judge(keys, text ? line : "", json) && good;
        count++;
    }
    free(line);
    return good && count > 0;
}

int cmd_verify_label(int argc, char **argv)
{
    struct wish wish = {0};
    struct keyring keys = {0};
    if (!wish_read(&wish, argc, argv)) {
        fputs(cmd_verify_label_usage, stderr);
        return 2;
    }
    bool good = keys_read(&keys, wish.keys) &&
                (strcmp(wish.code, "-") == 0 ? judge_lines(&keys, wish.json)
                                             : judge(&keys, wish.code, wish.json));
    keyring_finish(&keys);
    return good ? 0 : 1;
}
