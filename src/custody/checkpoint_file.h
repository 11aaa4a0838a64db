#pragma once
#include <stdbool.h>

#include "base/compiler.h"
#include "base/loop.h"
#include "custody/checkpoint.h"

// <state_dir>/checkpoints.log: what the database's owner cannot change. Only ever appended to.

// Opened here and kept: afterwards root may have become the database's user, who cannot open it.
void checkpoint_file_setup(const char *state_dir);
// Appends when it is time to; the writing is a worker's.
void checkpoint_file_offer(struct work_crew *crew, struct loop *loop, const struct checkpoint *c);
// Appends what was offered last and not written, here and now.
void checkpoint_file_close(void);
