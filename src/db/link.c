#include "db/link.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/log.h"

enum { KEYS_MAX = 80 };

struct keys {
    int count;
    const char *name[KEYS_MAX], *value[KEYS_MAX];
};

static void add(struct keys *keys, const char *name, const char *value)
{
    if (keys->count == KEYS_MAX - 1)
        die("the connection string has too many parts");
    keys->name[keys->count] = name;
    keys->value[keys->count++] = value;
}

static void add_missing(struct keys *keys, const char *name, const char *value)
{
    for (int i = 0; i < keys->count; i++) {
        if (strcmp(keys->name[i], name) == 0)
            return;
    }
    add(keys, name, value);
}

static const char *purpose(enum link_kind kind)
{
    static const char *const text[] = {"dossierpost owner", "dossierpost writer",
                                       "dossierpost reader", "dossierpost listener"};
    return text[kind];
}

static void fill(struct keys *keys, const PQconninfoOption *options, enum link_kind kind)
{
    static _Thread_local char timeout[24]; // read before the next connection of this thread
    snprintf(timeout, sizeof timeout, "%d", (int)conf.database_connect_timeout);
    if (kind != LINK_READER)
        add(keys, "target_session_attrs", "read-write");
    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (option->val && (kind == LINK_READER || strcmp(option->keyword, "target_session_attrs")))
            add(keys, option->keyword, option->val);
    }
    add_missing(keys, "target_session_attrs", "read-write");
    add_missing(keys, "application_name", purpose(kind));
    add_missing(keys, "connect_timeout", timeout);
    add_missing(keys, "keepalives_idle", "20");
    add_missing(keys, "keepalives_interval", "5");
    add_missing(keys, "keepalives_count", "3");
    add_missing(keys, "tcp_user_timeout", "20000");
    add_missing(keys, "client_encoding", "UTF8");
}

bool link_farewell(const PGresult *message)
{
    const char *severity = PQresultErrorField(message, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

// Nothing to standard error beside the log.
static void on_notice(void *arg, const PGresult *notice)
{
    const char *text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    (void)arg;
    log_warn("db", NULL, "%s", text ? text : "warning without text");
}

static PGconn *link_begin(const char *conninfo, enum link_kind kind, bool wait)
{
    struct keys keys = {0};
    char *error = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &error);
    if (options) {
        fill(&keys, options, kind);
    } else {
        // libpq will refuse it again and keep the reason in the connection.
        add(&keys, "dbname", conninfo);
    }
    PGconn *pg = wait ? PQconnectdbParams(keys.name, keys.value, !options)
                      : PQconnectStartParams(keys.name, keys.value, !options);
    PQconninfoFree(options);
    PQfreemem(error);
    if (!pg)
        die("out of memory");
    PQsetNoticeReceiver(pg, on_notice, NULL);
    return pg;
}

PGconn *link_open(const char *conninfo, enum link_kind kind)
{
    return link_begin(conninfo, kind, true);
}

PGconn *link_start(const char *conninfo, enum link_kind kind)
{
    return link_begin(conninfo, kind, false);
}

void link_settings(struct buf *out, PGconn *pg, enum link_kind kind)
{
    buf_text(out, "set search_path = ''; set timezone = 'Asia/Ho_Chi_Minh'; "
                  "set client_min_messages = warning; set intervalstyle = iso_8601;");
    if (kind == LINK_WRITER)
        buf_text(out, "set statement_timeout = 0; set lock_timeout = '2s';"
                      "set default_transaction_read_only = off;");
    if (kind == LINK_READER)
        buf_printf(out, "set statement_timeout = '%ds'; set default_transaction_read_only = on;",
                   (int)conf.database_statement_timeout);
    const char *user = PQuser(pg);
    bool own = conf.database_owner_url && conf.database_owner_url[0];
    if (kind != LINK_LISTENER && !own && user && strcmp(user, "dossierpost_service") != 0)
        buf_text(out, "set role dossierpost_service;");
}
