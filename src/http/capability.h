#pragma once
#include <stdbool.h>

#include "http/route.h"
#include "http/server.h"

// What the program knows of a capability: each exports one such row from its one header, and
// cmd/serve.c lists them. Any of the functions may be NULL.

struct capability {
    const char *name;
    const struct route *routes;
    // Once, before any loop: keys, tables, authenticator. Says why on failure.
    bool (*setup)(void);
    // For each loop before it runs (app->loop, db, crew and notices are there).
    bool (*open)(struct app_loop *app);
    // For each loop after its last reply and after its database was left.
    void (*close)(struct app_loop *app);
};

// A place in app->cap, the same on every loop. Called in setup.
int capability_slot(void);
