#pragma once
#include <libpq-fe.h>
#include <stdbool.h>

#include "base/compiler.h"

// How each kind of connection is opened: the user's conninfo (any, several hosts allowed), with
// what it leaves open filled in, and the settings every session begins with.
//   all      application_name, keepalives, TCP user timeout, connect_timeout; search_path '',
//            Vietnam's time zone; target_session_attrs=read-write, so a failover is followed
//   writer   lock_timeout (waiting for a lock precedes the commit); never a statement_timeout
//   reader   statement_timeout, read-only: a look-up may be repeated, so it may not write; its
//            target_session_attrs is the conninfo's own when it has one
// When conf.database_owner_url is empty and the login is not dossierpost_service, writers and
// readers SET ROLE dossierpost_service.

enum link_kind { LINK_OWNER, LINK_WRITER, LINK_READER, LINK_LISTENER };

// Blocking. Never NULL; look at PQstatus. PQfinish is the caller's.
PGconn *link_open(const char *conninfo, enum link_kind kind);
// The same without waiting: go on with PQconnectPoll.
PGconn *link_start(const char *conninfo, enum link_kind kind);

// Whether a message says that the server ends this connection. To an idle connection it comes as a
// notice.
bool link_farewell(const PGresult *message);

struct buf;
// The statements to run first on a new connection, for PQsendQuery.
void link_settings(struct buf *out, PGconn *pg, enum link_kind kind);
