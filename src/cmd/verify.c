#include "cmd/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/json.h"
#include "cmd/verify_parts.h"
#include "custody/bundle.h"
#include "db/db.h"

const char cmd_verify_usage[] =
    "usage: dossierpost verify [--range FROM-TO | --subject NUMBER | --bundle FILE]\n"
    "                          [--checkpoint FILE] [--head SIZE:ROOT] [--key KEY] [--json]\n"
    "  --range       only these positions of the log\n"
    "  --subject     only the events of a shipment, container or dossier (its id), and that none\n"
    "                of them is missing\n"
    "  --bundle      an evidence bundle, without a database\n"
    "  --checkpoint  hold it against checkpoints kept outside the database: lines or JSON\n"
    "  --head        hold it against the log's head on a hand-over paper; spaces do not matter\n"
    "  --key         the public key that must have signed (x of GET /v1/keys)\n";

struct wish {
    const char *range, *subject, *bundle, *checkpoint, *head, *key;
    bool json;
    uint64_t from, to;
    struct outside_row paper;
};

static bool range_read(struct wish *wish)
{
    char *end;
    errno = 0;
    wish->from = strtoull(wish->range, &end, 10);
    if (*end++ != '-')
        return false;
    wish->to = strtoull(end, &end, 10);
    return *end == '\0' && errno == 0 && wish->from > 0 && wish->to >= wish->from &&
           wish->to <= INT64_MAX;
}

// As it is printed: the root in groups.
static bool head_read(struct wish *wish)
{
    char *root, hex[HASH_TEXT];
    size_t len = 0;
    errno = 0;
    wish->paper.size = strtoull(wish->head, &root, 10);
    if (*root++ != ':' || errno || wish->paper.size == 0 || wish->paper.size > INT64_MAX)
        return false;
    for (; *root && len < sizeof hex - 1; root++) {
        if (*root != ' ')
            hex[len++] = *root;
    }
    hex[len] = '\0';
    return *root == '\0' && canon_hash_read(hex, &wish->paper.root);
}

static bool wish_read(struct wish *wish, int argc, char **argv)
{
    const struct {
        const char *name, **value;
    } options[] = {{"--range", &wish->range},   {"--subject", &wish->subject},
                   {"--bundle", &wish->bundle}, {"--checkpoint", &wish->checkpoint},
                   {"--head", &wish->head},     {"--key", &wish->key}};
    for (int i = 1; i < argc; i++) {
        bool known = strcmp(argv[i], "--json") == 0;
        wish->json = wish->json || known;
        for (size_t k = 0; k < countof(options) && !known; k++) {
            known = strcmp(argv[i], options[k].name) == 0 && i + 1 < argc && !*options[k].value;
            if (known)
                *options[k].value = argv[++i];
        }
        if (!known)
            return false;
    }
    int ways = (wish->range != NULL) + (wish->subject != NULL) + (wish->bundle != NULL);
    return ways <= 1 && (!wish->range || range_read(wish)) && (!wish->head || head_read(wish)) &&
           !(wish->head && wish->bundle && wish->checkpoint);
}

// What the operator says, else the service's own key file, else nothing from outside.
static bool trust_read(struct verify *v, const struct wish *wish)
{
    struct keyring ring;
    uint8_t key[SIGN_KEY_PUBLIC];
    if (wish->key) {
        v->f.keys = "told by --key";
        if (key_read(wish->key, key))
            trust_add(&v->trust, key);
        else
            fprintf(stderr, "dossierpost verify: --key is not a public key\n");
        return v->trust.count == 1;
    }
    if (keyring_look(&ring, conf.state_dir, "log")) {
        v->f.keys = "this service's key file";
        for (int i = 0; i < ring.count; i++)
            trust_add(&v->trust, ring.list[i].open);
    }
    keyring_finish(&ring);
    return true;
}

// --- with a database -----------------------------------------------------------------------------

static bool read_origin(struct verify *v)
{
    PGresult *r = verify_ask(v, "select origin from custody.log_origin", 0, NULL);
    struct db_result one = {.rows = 1, .pg = r};
    bool done = r && PQntuples(r) == 1;
    if (done)
        uuid_format(db_uuid(&one, 0, 0), v->origin);
    PQclear(r);
    return done;
}

// One view of everything while the service goes on. The lock comes first: no partition of events is
// made or dropped between the view and its reading.
static bool begin_view(struct verify *v)
{
    return verify_run(v, "begin transaction isolation level repeatable read read only", 0, NULL) &&
           verify_run(v, "lock table custody.event in access share mode", 0, NULL);
}

static bool read_head(struct verify *v)
{
    PGresult *r = verify_ask(v,
                             "select h.position, h.next_xid, coalesce((select max(c.size)"
                             " from custody.checkpoint c), 0) from custody.log_head h",
                             0, NULL);
    struct db_result one = {.rows = 1, .pg = r};
    bool done = r && PQntuples(r) == 1;
    if (done) {
        v->head = (uint64_t)db_int8(&one, 0, 0);
        v->next_xid = db_int8(&one, 0, 1);
        v->stored = (uint64_t)db_int8(&one, 0, 2);
    }
    PQclear(r);
    return done;
}

static bool read_outside(struct verify *v, const struct wish *wish)
{
    char path[4200];
    if (wish->head && !verify_outside_add(v, &wish->paper))
        return false;
    if (wish->checkpoint)
        return verify_outside_read(v, wish->checkpoint, false);
    snprintf(path, sizeof path, "%s/checkpoints.log", conf.state_dir);
    return verify_outside_read(v, path, true);
}

// What is held outside is read before the view is taken: whatever it covers is in the view then.
static bool log_check(struct verify *v, const struct wish *wish)
{
    if (!admin_open(&v->admin) || !verify_run(v, "set search_path = ''", 0, NULL) ||
        !verify_run(v, "set statement_timeout = 0", 0, NULL))
        return false;
    if (!trust_read(v, wish) || !read_origin(v) || !read_outside(v, wish) || !begin_view(v) ||
        !read_head(v) || !verify_purges_read(v))
        return false;
    v->told_at = 0;
    bool done = wish->range ? verify_range(v, wish->from, wish->to)
                            : verify_all(v, wish->subject) && verify_payloads(v, wish->subject);
    return done && verify_purges_close(v, !wish->range && !wish->subject);
}

// --- without -------------------------------------------------------------------------------------

// JSON, or lines: then the one of the bundle's size, else the last.
static bool outside_lines(FILE *file, uint64_t size, struct checkpoint *out)
{
    char line[CHECKPOINT_LINE + 2];
    struct checkpoint c;
    bool good = false;
    while (fgets(line, sizeof line, file)) {
        if (!checkpoint_parse(line, &c))
            continue;
        good = true;
        *out = c;
        if (c.size == size)
            break;
    }
    return good;
}

static bool outside_one(const char *path, uint64_t size, struct checkpoint *out)
{
    json_error_t error;
    FILE *file = fopen(path, "re");
    bool good = file && outside_lines(file, size, out);
    if (file)
        fclose(file);
    json_t *json = good ? NULL : json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    const json_t *inner = json_object_get(json, "checkpoint");
    good = good || checkpoint_read(inner ? inner : json, out);
    json_decref(json);
    if (!good)
        fprintf(stderr, "dossierpost verify: %s is not a checkpoint\n", path);
    return good;
}

// A bundle names its log; a paper does not.
static bool outside_of(const struct wish *wish, const json_t *bundle, struct checkpoint *out)
{
    const json_t *own = json_object_get(bundle, "checkpoint");
    const char *origin = json_text(own, "origin");
    if (wish->checkpoint)
        return outside_one(wish->checkpoint, (uint64_t)json_int(own, "size", 0), out);
    *out = (struct checkpoint){.size = wish->paper.size, .root = wish->paper.root};
    snprintf(out->origin, sizeof out->origin, "%s", origin ? origin : "");
    return true;
}

static bool bundle_check(struct verify *v, const struct wish *wish)
{
    struct checkpoint outside;
    json_error_t error;
    json_t *bundle = json_load_file(wish->bundle, JSON_REJECT_DUPLICATES, &error);
    if (!bundle) {
        fprintf(stderr, "dossierpost verify: %s: %s\n", wish->bundle, error.text);
        return false;
    }
    bool held = wish->checkpoint || wish->head;
    bool done = trust_read(v, wish) && (!held || outside_of(wish, bundle, &outside));
    if (done)
        bundle_verify(bundle, held ? &outside : NULL, &v->trust, &v->f);
    json_decref(bundle);
    return done;
}

static void tell(const struct findings *f, bool json)
{
    if (json) {
        json_t *report = findings_json(f);
        json_dumpf(report, stdout, JSON_COMPACT);
        fputc('\n', stdout);
        json_decref(report);
    } else {
        struct buf out = {0};
        findings_print(f, &out);
        fputs(out.data, stdout);
        buf_finish(&out);
    }
}

int cmd_verify(int argc, char **argv)
{
    struct wish wish = {0};
    if (!wish_read(&wish, argc, argv)) {
        fputs(cmd_verify_usage, stderr);
        return 2;
    }
    struct verify *v = calloc(1, sizeof *v);
    if (!v)
        return 1;
    bool done = wish.bundle ? bundle_check(v, &wish) : log_check(v, &wish);
    if (done)
        tell(&v->f, wish.json);
    bool good = done && v->f.bad == 0;
    if (!wish.bundle)
        admin_close(&v->admin);
    free(v->outside);
    free(v->purges);
    buf_finish(&v->scratch);
    free(v);
    return good ? 0 : 1;
}
