#include "cmd/migrate.h"

#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "base/log.h"
#include "db/embedded.h"
#include "db/migrate.h"

static bool set(const char *text)
{
    return text && text[0];
}

static bool embedded_open(struct embedded *embedded)
{
    if (!embedded_start(embedded, conf.state_dir))
        return false;
    conf.database_url = embedded->service_url;
    conf.database_owner_url = embedded->owner_url;
    conf.state_dir = embedded->state;
    return true;
}

static bool database_open(struct embedded *embedded)
{
    *embedded = (struct embedded){0};
    if (!set(conf.database_url) && !embedded_open(embedded))
        return false;
    return migrate_check_server(conf.database_url);
}

static const char *owner_url(void)
{
    return set(conf.database_owner_url) ? conf.database_owner_url : conf.database_url;
}

static bool open_migrated(struct embedded *embedded, struct migrate_report *report)
{
    return database_open(embedded) && migrate_run(owner_url(), report);
}

static bool open_there(struct embedded *embedded, struct migrate_report *report)
{
    *embedded = (struct embedded){0};
    return (set(conf.database_url) || embedded_there(conf.state_dir)) && database_open(embedded) &&
           migrate_check(owner_url(), report);
}

bool database_open_migrated(struct embedded *embedded)
{
    struct migrate_report report;
    if (!open_migrated(embedded, &report))
        return false;
    log_info("migrate", NULL, "%d migrations applied now, %d in all", report.applied,
             report.present);
    return true;
}

bool database_open_there(struct embedded *embedded)
{
    struct migrate_report report;
    return open_there(embedded, &report);
}

static bool run(bool check)
{
    struct embedded embedded;
    struct migrate_report report;
    bool done = check ? open_there(&embedded, &report) : open_migrated(&embedded, &report);
    if (done)
        printf("%d migrations applied now, %d in all\n", report.applied, report.present);
    embedded_stop(&embedded);
    return done;
}

const char cmd_migrate_usage[] = "usage: dossierpost migrate [--check]\n";

int cmd_migrate(int argc, char **argv)
{
    bool check = argc == 2 && strcmp(argv[1], "--check") == 0;
    if (argc > 1 && !check) {
        fputs(cmd_migrate_usage, stderr);
        return 2;
    }
    return run(check) ? 0 : 1;
}
