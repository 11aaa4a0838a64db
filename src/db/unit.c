#include "db/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"

enum { TRIES_MAX = 5, READ_TRIES_MAX = 1 };

void unit_push(struct unit_list *list, struct db_unit *unit)
{
    unit->next = NULL;
    if (list->last)
        list->last->next = unit;
    else
        list->head = unit;
    list->last = unit;
    list->count++;
}

void unit_return(struct unit_list *list, struct db_unit *unit)
{
    struct db_unit **at = &list->head;
    while (*at && (*at)->turn < unit->turn)
        at = &(*at)->next;
    unit->next = *at;
    *at = unit;
    if (!unit->next)
        list->last = unit;
    list->count++;
}

struct db_unit *unit_pop(struct unit_list *list)
{
    struct db_unit *unit = list->head;
    if (!unit)
        return NULL;
    list->head = unit->next;
    if (!list->head)
        list->last = NULL;
    list->count--;
    return unit;
}

void unit_finish(struct db_unit *unit, const struct db_result *result)
{
    unit->done(unit->arg, result);
    db_params_finish(&unit->params);
    free(unit);
}

void unit_fail(struct db_unit *unit, enum err err)
{
    struct db_result result = {.err = err};
    unit_finish(unit, &result);
}

enum sort { SORT_INTERNAL, SORT_PROBLEM, SORT_RACE, SORT_STALE, SORT_LOCK, SORT_BUSY };

static const struct {
    const char *code; // whole SQLSTATE, or its class
    enum sort sort;
} sorts[] = {
    {"DP001", SORT_PROBLEM}, {"40001", SORT_RACE},  {"40P01", SORT_RACE},  {"26000", SORT_STALE},
    {"0A000", SORT_STALE},   {"25006", SORT_STALE}, {"55P03", SORT_LOCK},  {"57014", SORT_BUSY},
    {"57P01", SORT_STALE},   {"57P02", SORT_STALE}, {"57P03", SORT_STALE}, {"53", SORT_BUSY},
};

static enum sort sort_of(const char *state)
{
    for (size_t i = 0; i < countof(sorts); i++) {
        if (strncmp(state, sorts[i].code, strlen(sorts[i].code)) == 0)
            return sorts[i].sort;
    }
    return SORT_INTERNAL;
}

// Messages of class 22 quote the value, which may be personal.
static void tell(const struct db_unit *unit, PGresult *pg, const char *state, const char *subject)
{
    const char *text = PQresultErrorField(pg, PG_DIAG_MESSAGE_PRIMARY);
    const char *where = PQresultErrorField(pg, PG_DIAG_CONTEXT);
    const char *constraint = PQresultErrorField(pg, PG_DIAG_CONSTRAINT_NAME);
    if (unit->quiet)
        return;
    log_error("db", subject, "stmt=%s sqlstate=%s %s%s%s; %.*s", unit->stmt->name, state,
              strncmp(state, "22", 2) == 0 ? "bad value"
              : text                       ? text
                                           : "",
              constraint ? " constraint=" : "", constraint ? constraint : "",
              where ? (int)strcspn(where, "\n") : 0, where ? where : "");
}

static void problem(PGresult *pg, struct db_result *out)
{
    const char *slug = PQresultErrorField(pg, PG_DIAG_MESSAGE_PRIMARY);
    out->err = err_by_slug(slug ? slug : "");
    out->detail = PQresultErrorField(pg, PG_DIAG_MESSAGE_DETAIL);
    if (out->err == ERR_OK) {
        log_error("db", NULL, "SQL raised the problem \"%s\", which err.def does not have", slug);
        out->err = ERR_INTERNAL;
    }
}

static bool judge_error(struct db_unit *unit, PGresult *pg, const char *subject,
                        struct db_result *out)
{
    const char *state = PQresultErrorField(pg, PG_DIAG_SQLSTATE);
    enum sort sort = sort_of(state ? state : "");
    metric_add(METRIC_db_errors, 1);
    out->err = ERR_BUSY;
    out->locked = sort == SORT_LOCK || sort == SORT_RACE;
    if ((sort == SORT_RACE || sort == SORT_STALE) && unit->tries++ < TRIES_MAX)
        return false;
    if (sort == SORT_PROBLEM) {
        problem(pg, out);
    } else if (sort == SORT_INTERNAL) {
        out->err = ERR_INTERNAL;
        tell(unit, pg, state ? state : "none", subject);
    } else {
        log_warn("db", subject, "stmt=%s sqlstate=%s answered busy", unit->stmt->name, state);
    }
    return true;
}

bool unit_judge(struct db_unit *unit, enum unit_fate fate, PGresult *pg, const char *subject,
                struct db_result *out)
{
    *out = (struct db_result){.err = ERR_OK, .pg = pg};
    if (fate == UNIT_UNDONE)
        return false;
    if (fate == UNIT_UNKNOWN && !unit->stmt->write) {
        out->err = ERR_BUSY;
        return unit->tries++ >= READ_TRIES_MAX;
    }
    if (fate == UNIT_UNKNOWN || fate == UNIT_UNSURE) {
        out->err = ERR_OUTCOME_UNKNOWN;
        return true;
    }
    ExecStatusType status = PQresultStatus(pg);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        out->rows = PQntuples(pg);
        return true;
    }
    return judge_error(unit, pg, subject, out);
}
