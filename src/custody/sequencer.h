#pragma once
#include "http/capability.h"

// Gives committed events their positions in the log, on a connection of its own so that no scan
// waits for it. Runs on the first loop of every instance; an advisory lock lets one work at a time.
// While there is work it turns often, else it looks once a second or when poked.

must_check bool sequencer_open(struct app_loop *app);
void sequencer_close(struct app_loop *app);
