#pragma once
#include "http/capability.h"

// The pages people use: /, /login, /online, /counter, /courier, /hub, /agency, /board. Each is the
// same small shell (src/web/shell.html) around one ES module served from /assets; the module asks
// the API for everything and shows only what the API allows. The tracking page /t/{number} is not
// here: the dossier capability renders it whole, so that it needs no script.

extern const struct capability web_capability;

// What every page says where the demo network is loaded.
extern const char web_demo_banner[];
