#pragma once
#include "http/capability.h"

// After the calendar was changed: what was promised by it and is still open (due dates, answers to
// other agencies, pick-ups), reckoned anew a batch at a time, so that nothing waits for all of
// them. Runs on the first loop of every instance; an advisory lock lets one work at a time, and
// what an instance left undone another goes on with.
//
// What reckons all dossiers at once, a preview or a change, would hold up every write of its loop
// for as long. So it has a connection of its own, made when it is first asked for.

void recompute_setup(void); // its slot
must_check bool recompute_open(struct app_loop *app);
void recompute_close(struct app_loop *app);

struct db *recompute_db(struct app_loop *app); // of this loop; NULL: there is no memory
void recompute_wake(void);                     // there is something to do; from any loop
