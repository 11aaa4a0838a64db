#pragma once
#include <stdbool.h>

#include "base/compiler.h"
#include "db/embedded.h"

// The steps of embedded_start, one file each. Every one says in the log why it failed.

// embedded_place.c: state directory, lock, socket directory, log file, reach of the user.
must_check bool embedded_place(struct embedded *e, const char *state_dir);
void embedded_place_leave(struct embedded *e);
// What the user will write in our directory, where it can make nothing: the log moved aside.
must_check bool embedded_log_give(const struct embedded *e);
// A long log is moved aside; the last lines of it are repeated in ours.
void embedded_log_trim(struct embedded *e);
void embedded_log_tail(const struct embedded *e);

// embedded_cluster.c: server programs that fit the cluster; initdb; roles and database.
must_check bool embedded_programs(struct embedded *e);
must_check bool embedded_initdb(struct embedded *e);
must_check bool embedded_roles(const struct embedded *e);

// embedded_settings.c: writes postgres.conf and postgres.hba; *changed tells whether they differ
// from those of the last start.
must_check bool embedded_settings(struct embedded *e, bool *changed);

// The conninfo of `user` (and `dbname`) over the private socket.
void embedded_url(const struct embedded *e, const char *user, const char *dbname, char *out,
                  int size);
