#pragma once
#include "http/capability.h"

// Looks for what should have arrived by now, behind the log and on a connection of its own, so that
// no scan waits for it; and keeps the work list's due times and gauges. Runs on the first loop of
// every instance; an advisory lock lets one work at a time.

must_check bool searcher_open(struct app_loop *app);
void searcher_close(struct app_loop *app);
