#pragma once
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "db/link.h"

// Opens a connection to conf.database_url without blocking, tries for ever with growing pauses, and
// hands it over when its session settings are made. Each try has conf.database_connect_timeout.
// (libpq itself resolves host names while it connects: give addresses where a resolver may hang.)

struct event;
struct loop;

struct dial {
    struct loop *loop;
    enum link_kind kind;
    const char *subject;                   // for the log
    const char *extra;                     // one more statement of the settings, or NULL
    void (*opened)(void *arg, PGconn *pg); // pg is the receiver's, non-blocking
    void *arg;
    PGconn *pg; // while it is being opened
    struct event *io, *timer;
    int failures;  // in a row
    bool setting;  // the settings are under way
    bool farewell; // the server ends what is being opened
};

void dial_init(struct dial *dial, struct loop *loop, enum link_kind kind, const char *subject,
               void (*opened)(void *arg, PGconn *pg), void *arg);
void dial_finish(struct dial *dial);
// Opens one: at once, or after the pause that the failures so far ask for.
void dial_again(struct dial *dial);
// The connection that was opened has proved itself: the next pause is short again.
void dial_good(struct dial *dial);
