#include "cmd/account.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "account/account.h"
#include "base/text.h"
#include "cmd/admin.h"

enum { PASSWORD_LEAST = 10, PASSWORD_MOST = 200, LINE_BYTES = 1024 };

const char cmd_account_usage[] =
    "usage: dossierpost account add LOGIN --name NAME --roles ROLE[,ROLE] [--unit CODE]\n"
    "       dossierpost account list [--json]\n"
    "       dossierpost account passwd LOGIN\n"
    "       dossierpost account disable|enable LOGIN\n"
    "       dossierpost account key LOGIN NAME\n"
    "roles: applicant clerk courier hub officer supervisor admin integrator\n";

struct args {
    const char *words[4]; // after the verb, without flags
    int count;
    const char *name, *roles, *unit;
    bool json;
};

// --- passwords -----------------------------------------------------------------------------------

static bool read_line(const char *prompt, char out[LINE_BYTES])
{
    struct termios before, quiet;
    bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        fprintf(stderr, "%s: ", prompt);
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    bool got = fgets(out, LINE_BYTES, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    if (got)
        out[strcspn(out, "\r\n")] = '\0';
    return got;
}

static bool read_twice(char first[LINE_BYTES])
{
    char again[LINE_BYTES];
    if (!read_line("Password", first)) {
        fprintf(stderr, "dossierpost: no password was given\n");
        return false;
    }
    if (!isatty(STDIN_FILENO))
        return true;
    bool same = read_line("Again", again) && strcmp(first, again) == 0;
    sodium_memzero(again, sizeof again);
    if (!same)
        fprintf(stderr, "dossierpost: the two differ\n");
    return same;
}

// The form that a login over HTTP is compared in: NFC.
static bool hash_password(const char *typed, char hash[PASSWORD_HASH])
{
    struct arena arena;
    arena_init(&arena);
    const char *clean = text_clean(&arena, typed, strlen(typed), false);
    size_t length = clean ? text_length(clean) : 0;
    bool good = length >= PASSWORD_LEAST && length <= PASSWORD_MOST;
    if (!good)
        fprintf(stderr, "dossierpost: a password has %d to %d characters\n", PASSWORD_LEAST,
                PASSWORD_MOST);
    good = good && password_hash(clean, hash);
    arena_finish(&arena);
    return good;
}

static bool ask_password(char hash[PASSWORD_HASH])
{
    char typed[LINE_BYTES];
    bool good = sodium_init() >= 0 && read_twice(typed) && hash_password(typed, hash);
    sodium_memzero(typed, sizeof typed);
    return good;
}

// --- verbs ---------------------------------------------------------------------------------------

// True when the statement gave a row whose first column is not NULL or false.
static bool found(struct admin *admin, const char *sql, int count, const char *const *values)
{
    PGresult *result = admin_ask(admin, sql, count, values);
    bool good = result && PQntuples(result) == 1 && !PQgetisnull(result, 0, 0) &&
                strcmp(PQgetvalue(result, 0, 0), "f") != 0;
    if (result && !good)
        fprintf(stderr, "dossierpost: no such account\n");
    PQclear(result);
    return good;
}

static bool add(struct admin *admin, const struct args *args)
{
    char hash[PASSWORD_HASH];
    const char *values[] = {args->words[0], args->name, args->unit, args->roles, hash};
    return ask_password(hash) &&
           found(admin,
                 "select account.put($1, $2, $3, string_to_array($4, ','), $5)"
                 " where account.is_new($1)",
                 countof(values), values);
}

static bool list(struct admin *admin, const struct args *args)
{
    PGresult *result = admin_ask(admin,
                                 args->json ? "select coalesce(jsonb_agg(a), '[]')"
                                              " from account.list() a"
                                            : "select login, state, roles, unit, name"
                                              " from account.list()",
                                 0, NULL);
    for (int row = 0; result && row < PQntuples(result); row++) {
        for (int col = 0; col < PQnfields(result); col++)
            printf("%s%s", col ? "\t" : "", PQgetvalue(result, row, col));
        printf("\n");
    }
    PQclear(result);
    return result != NULL;
}

static bool passwd(struct admin *admin, const struct args *args)
{
    char hash[PASSWORD_HASH];
    const char *values[] = {args->words[0], hash};
    return ask_password(hash) && found(admin, "select account.set_password($1, $2)", 2, values);
}

static bool disable(struct admin *admin, const struct args *args)
{
    return found(admin, "select account.set_disabled($1, true)", 1, args->words);
}

static bool enable(struct admin *admin, const struct args *args)
{
    return found(admin, "select account.set_disabled($1, false)", 1, args->words);
}

static bool key(struct admin *admin, const struct args *args)
{
    char text[API_KEY_TEXT], hex[2 + 2 * TOKEN_HASH + 1] = "\\x";
    uint8_t hash[TOKEN_HASH];
    const char *values[] = {args->words[0], args->words[1], hex};
    if (sodium_init() < 0)
        return false;
    api_key_make(text, hash);
    sodium_bin2hex(hex + 2, sizeof hex - 2, hash, sizeof hash);
    if (!found(admin, "select account.put_key($1, $2, $3::bytea)", 3, values))
        return false;
    printf("%s\n", text);
    fprintf(stderr, "The key is shown only now.\n");
    return true;
}

static const struct verb {
    const char *name;
    int words;
    bool needs_name;
    bool (*run)(struct admin *admin, const struct args *args);
} verbs[] = {
    {"add", 1, true, add},          {"list", 0, false, list},     {"passwd", 1, false, passwd},
    {"disable", 1, false, disable}, {"enable", 1, false, enable}, {"key", 2, false, key},
};

// --- arguments -----------------------------------------------------------------------------------

static const char **flag_place(struct args *args, const char *flag)
{
    if (strcmp(flag, "--name") == 0)
        return &args->name;
    if (strcmp(flag, "--roles") == 0)
        return &args->roles;
    return strcmp(flag, "--unit") == 0 ? &args->unit : NULL;
}

static bool read_args(int argc, char **argv, struct args *args)
{
    for (int i = 2; i < argc; i++) {
        const char **place = flag_place(args, argv[i]);
        if (strcmp(argv[i], "--json") == 0)
            args->json = true;
        else if (place && i + 1 < argc)
            *place = argv[++i];
        else if (strncmp(argv[i], "--", 2) != 0 && args->count < (int)countof(args->words))
            args->words[args->count++] = argv[i];
        else
            return false;
    }
    return true;
}

static const struct verb *verb_named(const char *name)
{
    for (size_t i = 0; i < countof(verbs); i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    }
    return NULL;
}

int cmd_account(int argc, char **argv)
{
    struct args args = {0};
    struct admin admin;
    const struct verb *verb = argc > 1 ? verb_named(argv[1]) : NULL;
    if (!verb || !read_args(argc, argv, &args) || args.count != verb->words ||
        (verb->needs_name && (!args.name || !args.roles))) {
        fputs(cmd_account_usage, stderr);
        return 2;
    }
    bool done = admin_open(&admin) && verb->run(&admin, &args);
    admin_close(&admin);
    return done ? 0 : 1;
}
