#include "cmd/key.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/keyring.h"
#include "label/keys.h"

static const char *const rings[] = {"label", "result"};
static const int64_t hour = INT64_C(3600) * 1000000;
enum { HOURS_MAX = 24 * 90 };

const char cmd_key_usage[] =
    "usage: dossierpost key list [--ring RING] [--json]\n"
    "       dossierpost key new [--in HOURS] [--ring RING] [--json]\n"
    "       dossierpost key revoke KID [--ring RING] [--json]\n"
    "  --ring   label, which is meant when none is said, or result: what seals results on line\n"
    "  new      a key that signs from now on, or in so many hours: published at once, so "
    "that\n"
    "           every service and every phone knows it by then; older keys still verify\n"
    "  revoke   nothing that this key signed counts any more, for good; if it is the one that\n"
    "           signs, a new one is made first\n"
    "Running services that share the folder take it in within a second.\n"
    "--json prints what GET /v1/keys shows of the ring.\n";

struct wish {
    const char *verb, *kid, *hours, *ring;
    bool json;
    uint16_t id;
    int64_t signs_from;
};

static bool kid_read(struct wish *wish)
{
    char *end;
    unsigned long id = strtoul(wish->kid, &end, 16);
    wish->id = (uint16_t)id;
    return strlen(wish->kid) == 4 && strspn(wish->kid, "0123456789abcdefABCDEF") == 4;
}

static bool hours_read(struct wish *wish)
{
    char *end;
    long hours = wish->hours ? strtol(wish->hours, &end, 10) : 0;
    wish->signs_from = clock_now() + hours * hour;
    return !wish->hours || (end != wish->hours && !*end && hours >= 0 && hours <= HOURS_MAX);
}

// NULL: it is none.
static const char *ring_named(const char *name)
{
    for (size_t i = 0; i < countof(rings); i++)
        if (strcmp(rings[i], name) == 0)
            return rings[i];
    return NULL;
}

static bool wish_read(struct wish *wish, int argc, char **argv)
{
    wish->ring = rings[0];
    wish->verb = argc > 1 ? argv[1] : "";
    bool fresh = strcmp(wish->verb, "new") == 0, revoke = strcmp(wish->verb, "revoke") == 0;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            wish->json = true;
        else if (strcmp(argv[i], "--ring") == 0 && i + 1 < argc && wish->ring)
            wish->ring = ring_named(argv[++i]);
        else if (fresh && strcmp(argv[i], "--in") == 0 && i + 1 < argc)
            wish->hours = argv[++i];
        else if (revoke && !wish->kid)
            wish->kid = argv[i];
        else
            return false;
    }
    return wish->ring && ((fresh && hours_read(wish)) || (revoke && wish->kid && kid_read(wish)) ||
                          strcmp(wish->verb, "list") == 0);
}

static const char *standing(const struct sign_key *key, const struct sign_key *signing)
{
    return key->revoked_at              ? "revoked"
           : key == signing             ? "signs"
           : key->made_at > clock_now() ? "will sign"
                                        : "verifies";
}

static void print_key(const struct sign_key *key, const struct sign_key *signing)
{
    char made[CLOCK_TEXT], revoked[CLOCK_TEXT] = "";
    clock_format(key->made_at, made);
    if (key->revoked_at)
        clock_format(key->revoked_at, revoked);
    printf("%04x  %-9s  %s%s%s\n", key->id, standing(key, signing), made, revoked[0] ? "  " : "",
           revoked);
}

static void print_ring(const struct keyring *keys, const char *ring, bool json)
{
    if (json) {
        json_t *list = json_array(), *whole = json_pack("{s:O}", "keys", list);
        label_keys_add(list, keys, ring);
        json_dumpf(whole, stdout, JSON_COMPACT);
        printf("\n");
        json_decref(list);
        json_decref(whole);
        return;
    }
    for (int i = 0; i < keys->count; i++)
        print_key(&keys->list[i], keyring_signing(keys));
}

static bool change(struct keyring *keys, const struct wish *wish)
{
    if (wish->kid)
        return keyring_revoke(keys, conf.state_dir, wish->ring, wish->id);
    return strcmp(wish->verb, "list") == 0 ||
           keyring_new(keys, conf.state_dir, wish->ring, wish->signs_from);
}

int cmd_key(int argc, char **argv)
{
    struct wish wish = {0};
    struct keyring keys;
    if (!wish_read(&wish, argc, argv)) {
        fputs(cmd_key_usage, stderr);
        return 2;
    }
    if (!keyring_look(&keys, conf.state_dir, wish.ring)) {
        fprintf(
            stderr,
            "dossierpost: no keys that may be read in the state directory %s: the service makes "
            "them at its first start\n",
            conf.state_dir);
        return 1;
    }
    bool reads = strcmp(wish.verb, "list") == 0;
    if (!reads)
        keyring_finish(&keys);
    bool done = change(&keys, &wish);
    if (done)
        print_ring(&keys, wish.ring, wish.json);
    keyring_finish(&keys);
    return done ? 0 : 1;
}
