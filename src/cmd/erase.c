#include "cmd/erase.h"

#include <stdio.h>
#include <string.h>

#include "cmd/admin.h"

const char cmd_erase_usage[] =
    "usage: dossierpost erase CODE --by LOGIN\n"
    "  CODE      of the dossier, its id, or the number of a shipment of it\n"
    "  --by      the supervisor or administrator who answers for it\n";

static const char who_sql[] =
    "select d.id, d.code, a.id from (values (1)) as one (row)"
    " left join dossier.dossier d on d.id = dossier.find($1)"
    " left join account.account a on a.login = $2 and a.disabled_at is null and a.roles & 96 <> 0";

static const char erase_sql[] = "select dossier.erase($1::uuid, $2::bigint)";

// What one statement writes it does not read.
static const char kept_sql[] = "select unnest(dossier.people_kept($1::uuid))";

static bool told(const PGresult *who, const char *code, const char *login)
{
    if (PQgetisnull(who, 0, 0))
        fprintf(stderr, "dossierpost: there is no dossier %s\n", code);
    else if (PQgetisnull(who, 0, 2))
        fprintf(stderr, "dossierpost: %s is not the login of a supervisor or administrator\n",
                login);
    else
        return false;
    return true;
}

static void print(const char *code, const PGresult *done, const PGresult *kept)
{
    printf("%s: %s\n", code,
           strcmp(PQgetvalue(done, 0, 0), "t") == 0 ? "personal data erased"
                                                    : "nothing was left to erase");
    for (int i = 0; i < PQntuples(kept); i++)
        printf("%s: was one dossier with it and keeps its people's data\n", PQgetvalue(kept, i, 0));
}

static bool erase(struct admin *admin, const char *code, const char *login)
{
    const char *asked[] = {code, login};
    PGresult *done = NULL, *kept = NULL, *who = admin_ask(admin, who_sql, 2, asked);
    if (who && !told(who, code, login)) {
        const char *values[] = {PQgetvalue(who, 0, 0), PQgetvalue(who, 0, 2)};
        done = admin_ask(admin, erase_sql, 2, values);
        kept = done ? admin_ask(admin, kept_sql, 1, values) : NULL;
        if (kept)
            print(PQgetvalue(who, 0, 1), done, kept);
    }
    bool good = kept != NULL;
    PQclear(kept);
    PQclear(done);
    PQclear(who);
    return good;
}

int cmd_erase(int argc, char **argv)
{
    struct admin admin;
    if (argc != 4 || strcmp(argv[2], "--by") != 0) {
        fputs(cmd_erase_usage, stderr);
        return 2;
    }
    bool done = admin_open(&admin) && erase(&admin, argv[1], argv[3]);
    admin_close(&admin);
    return done ? 0 : 1;
}
