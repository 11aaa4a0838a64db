#pragma once
#include <stdint.h>

// LISTEN on a connection of its own, one for the process; told to every loop. After a reconnection
// each listener is called once with an empty payload ("look again yourself").

struct loop;
struct listener;

typedef void listen_heard(void *arg, const char *payload);

struct listener *listener_create(struct loop *loop, const char *channel);
void listener_destroy(struct listener *listener);
// Before loops run. `heard` runs on `loop`'s thread.
void listener_add(struct listener *listener, struct loop *loop, listen_heard *heard, void *arg);
