#include "cmd/purge.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "cmd/admin.h"

const char cmd_purge_usage[] = "usage: dossierpost purge --before DATE [--dry-run] [--json]\n"
                               "  --before   drop the months of events that lie wholly before this "
                               "day (UTC), and 60 days back\n"
                               "  --dry-run  only say what would go and what would not\n";

struct wish {
    const char *before;
    bool dry, json;
};

static const struct {
    const char *why, *text;
} reasons[] = {
    {"under_way", "has not ended"},
    {"not_empty", "is not empty, or lies in a container"},
    {"recent", "has an event on that day or later"},
    {"exception", "has an open exception"},
    {"handover", "is on an open hand-over"},
    {"unplaced", "events have no position in the log yet"},
    {"uncovered", "no checkpoint covers them yet"},
    {"busy", "others read or write events; try again"},
};

static const char list_sql[] = "select name from custody.purgeable($1::date)";
static const char purge_sql[] = "select custody.purge_partition($1, $2::date, $3::bool)::text";
static const char adopt_sql[] = "select custody.adopt()";
// What the purges tell gets its positions at once, also where no service runs.
static const char sequence_sql[] =
    "select s.given, exists (select from custody.purge p where not exists (select from custody.log "
    "l"
    " where l.subject = 'purge' and l.event_id = p.event)) from custody.sequence() s";

static bool wish_read(struct wish *wish, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--before") == 0 && i + 1 < argc && !wish->before)
            wish->before = argv[++i];
        else if (strcmp(argv[i], "--dry-run") == 0)
            wish->dry = true;
        else if (strcmp(argv[i], "--json") == 0)
            wish->json = true;
        else
            return false;
    }
    return wish->before != NULL;
}

static const char *reason_text(const char *why)
{
    for (size_t i = 0; i < countof(reasons); i++) {
        if (why && strcmp(reasons[i].why, why) == 0)
            return reasons[i].text;
    }
    return why;
}

static void print_refused(const json_t *refused)
{
    size_t i;
    json_t *one;
    const json_t *first = json_object_get(refused, "first");
    int64_t left = json_int(refused, "count", 0) - (int64_t)json_array_size(first);
    json_array_foreach(first, i, one)
    {
        const char *subject = json_text(one, "subject");
        printf("  %s%s%s\n", subject ? subject : "", subject ? " " : "",
               reason_text(json_text(one, "why")));
    }
    if (left > 0)
        printf("  and %lld more\n", (long long)left);
}

static void print_one(const json_t *told, bool dry)
{
    const json_t *refused = json_object_get(told, "refused");
    printf("%s: %lld events, %s\n", json_text(told, "partition"),
           (long long)json_int(told, "events", 0),
           refused ? "not purged:"
           : dry   ? "would be purged"
                   : "purged; their leaves stay");
    if (refused)
        print_refused(refused);
}

static json_t *purge_one(struct admin *admin, const struct wish *wish, const char *name)
{
    const char *values[] = {name, wish->before, wish->dry ? "t" : "f"};
    PGresult *done = admin_ask(admin, purge_sql, 3, values);
    json_t *told = done ? json_loads(PQgetvalue(done, 0, 0), 0, NULL) : NULL;
    PQclear(done);
    return told;
}

static bool sequenced(struct admin *admin)
{
    enum { TURNS = 100, PAUSE = 50000 };
    bool waiting = true;
    PGresult *done = admin_ask(admin, adopt_sql, 0, NULL);
    for (int i = 0; i < TURNS && done && waiting; i++) {
        PQclear(done);
        done = admin_ask(admin, sequence_sql, 0, NULL);
        waiting = done && strcmp(PQgetvalue(done, 0, 1), "t") == 0;
        if (waiting)
            usleep(PAUSE);
    }
    PQclear(done);
    if (waiting)
        fprintf(stderr, "dossierpost: the purge has no position in the log yet; the running service"
                        " gives it one\n");
    return !waiting;
}

static int purge_all(struct admin *admin, const struct wish *wish, const PGresult *list)
{
    int refused = 0, purged = 0;
    json_t *report = json_array();
    bool good = true;
    for (int i = 0; i < PQntuples(list) && good; i++) {
        json_t *told = purge_one(admin, wish, PQgetvalue(list, i, 0));
        good = told != NULL;
        refused += json_object_get(told, "refused") != NULL;
        purged += json_bool(told, "purged");
        if (told && !wish->json)
            print_one(told, wish->dry);
        json_array_append_new(report, told);
    }
    if (wish->json) {
        json_dumpf(report, stdout, JSON_COMPACT);
        fputc('\n', stdout);
    } else if (PQntuples(list) == 0) {
        printf("no month of events lies wholly before %s and 60 days back\n", wish->before);
    }
    json_decref(report);
    good = (purged == 0 || sequenced(admin)) && good;
    return good && refused == 0 ? 0 : 1;
}

static int purge(struct admin *admin, const struct wish *wish)
{
    int status = 1;
    PGresult *list = admin_ask(admin, list_sql, 1, &wish->before);
    if (list)
        status = purge_all(admin, wish, list);
    PQclear(list);
    return status;
}

int cmd_purge(int argc, char **argv)
{
    struct admin admin;
    struct wish wish = {0};
    if (!wish_read(&wish, argc, argv)) {
        fputs(cmd_purge_usage, stderr);
        return 2;
    }
    int status = admin_open(&admin) ? purge(&admin, &wish) : 1;
    admin_close(&admin);
    return status;
}
