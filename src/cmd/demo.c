#include "cmd/demo.h"

#include <libpq-fe.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "account/account.h"
#include "base/assets.h"
#include "base/clock.h"
#include "base/log.h"
#include "cmd/admin.h"
#include "cmd/load.h"

static const char password[] = "dossierpost-demo";

// In this order: communes name the office that delivers, units the commune they stand in, so the
// communes come twice.
static const struct {
    const struct load_kind *kind;
    const char *file;
    bool accounts;
} sets[] = {
    {&load_communes, "conf/demo/communes.csv", false},
    {&load_units, "conf/demo/units.csv", false},
    {&load_communes, "conf/demo/communes.csv", false},
    {&load_blocks, "conf/demo/blocks.csv", false},
    {&load_procedures, "conf/procedures.json", false},
    {&load_accounts, "conf/demo/accounts.csv", true},
};

// What the files say, as $1 of base.is_loaded: "\x…".
static void digest_of(char out[2 + 2 * crypto_hash_sha256_BYTES + 1])
{
    crypto_hash_sha256_state state;
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < countof(sets); i++) {
        const struct asset *asset = asset_find(sets[i].file);
        if (asset)
            crypto_hash_sha256_update(&state, (const uint8_t *)asset->data, asset->size);
    }
    crypto_hash_sha256_final(&state, digest);
    memcpy(out, "\\x", 2);
    sodium_bin2hex(out + 2, 2 * sizeof(digest) + 1, digest, sizeof(digest));
}

static bool ask(PGconn *pg, const char *sql, const char *digest, bool *answer)
{
    PGresult *result = PQexecParams(pg, sql, 1, NULL, &digest, NULL, NULL, 0);
    bool done = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (done)
        *answer = strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    else
        log_error("demo", NULL, "%s", PQerrorMessage(pg));
    PQclear(result);
    return done;
}

static bool load_sets(PGconn *pg)
{
    char hash[PASSWORD_HASH];
    int count;
    if (!password_hash(password, hash))
        return false;
    for (size_t i = 0; i < countof(sets); i++) {
        const struct asset *asset = asset_find(sets[i].file);
        if (!asset) {
            log_error("demo", NULL, "%s is not in this program", sets[i].file);
            return false;
        }
        if (!load_data(pg, sets[i].kind, asset->data, asset->size, sets[i].accounts ? hash : NULL,
                       &count))
            return false;
    }
    return true;
}

// One at a time: a second instance that starts meanwhile waits and finds it done.
static bool load_new(PGconn *pg, const char *digest, bool *loaded)
{
    return load_run(pg, "begin") &&
           load_run(pg, "select pg_advisory_xact_lock(hashtextextended('demo', 5))") &&
           ask(pg, "select base.is_loaded('demo', $1::bytea)", digest, loaded) &&
           (*loaded || load_sets(pg)) &&
           ask(pg, "select base.set_loaded('demo', $1::bytea) is null", digest, loaded) &&
           load_run(pg, "commit");
}

bool demo_load(const char *conninfo)
{
    char digest[2 + 2 * crypto_hash_sha256_BYTES + 1];
    bool loaded = false;
    int64_t began = clock_monotonic();
    if (sodium_init() < 0)
        return false;
    PGconn *pg = PQconnectdb(conninfo);
    bool done = PQstatus(pg) == CONNECTION_OK;
    if (!done)
        log_error("demo", NULL, "%s", PQerrorMessage(pg));
    PQsetNoticeProcessor(pg, admin_notice, NULL);
    digest_of(digest);
    done = done && ask(pg, "select base.is_loaded('demo', $1::bytea)", digest, &loaded);
    if (done && !loaded) {
        done = load_new(pg, digest, &loaded);
        log_info("demo", NULL, "demo network loaded in %lld ms",
                 (long long)(clock_monotonic() - began) / 1000);
    }
    PQfinish(pg);
    return done;
}

void demo_print_logins(void)
{
    const struct asset *asset = asset_find("conf/demo/accounts.csv");
    printf("demo logins, password %s:", password);
    for (const char *line = asset ? strchr(asset->data, '\n') : NULL; line && line[1];
         line = strchr(line + 1, '\n'))
        printf(" %.*s", (int)strcspn(line + 1, ","), line + 1);
    printf("\n");
}

const char cmd_demo_usage[] = "usage: dossierpost demo\n";

int cmd_demo(int argc, char **argv)
{
    struct admin admin;
    if (argc > 1) {
        fputs(cmd_demo_usage, stderr);
        return 2;
    }
    bool done = admin_open(&admin) && demo_load(admin.url);
    if (done)
        demo_print_logins();
    admin_close(&admin);
    return done ? 0 : 1;
}
