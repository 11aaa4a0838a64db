#pragma once
#include "http/capability.h"

// Takes jobs that are due and carries them to their printers (printing/errand.h): on the first loop
// of every instance, drawing on its crew, whatever may block on threads of its own. At most so many
// printers are in hand at once, each with one label; one that hangs holds up nobody but its own
// queue. Who has a job says so again and again: when it no longer does, another instance takes
// over.

must_check bool spooler_setup(void); // the printing threads
must_check bool spooler_open(struct app_loop *app);
void spooler_close(struct app_loop *app);

struct work_crew *spooler_crew(void); // for whatever speaks to a printer; NULL once it is over
