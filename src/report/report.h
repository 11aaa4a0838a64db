#pragma once
#include "http/capability.h"

// What is told of many dossiers: the register of an agency, the control sheet of a dossier, and the
// board of what is due soon. All are queries (SQL schema report) over the dossiers and their
// events, cut down to what the asker may see; nothing is kept here, and nothing personal is in it.
extern const struct capability report_capability;
