#pragma once
#include <stdint.h>

// LISTEN on a connection of its own, one for the process, told to the loops that asked. After a
// reconnection each is called once with an empty payload ("look again yourself").

struct loop;
struct listener;

typedef void listen_heard(void *arg, const char *payload);

// `loop` runs the connection.
struct listener *listener_create(struct loop *loop);
void listener_destroy(struct listener *listener); // NULL-safe; when no loop runs any more
// Before loops run. `heard` runs on `loop`'s thread. Several may ask for one channel;
// its name must stay.
void listener_add(struct listener *listener, const char *channel, struct loop *loop,
                  listen_heard *heard, void *arg);
