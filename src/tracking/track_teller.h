#pragma once
#include <stdbool.h>

// Keeps public answers in the database (migrations/0011c_told.sql): of each key that was asked
// for once, again after each change. One connection of the process, a few at a time, and it rests
// nine times as long as it works, so that scans keep what the two would share. What it does not
// come to is made when it is asked for; what more wait than it can hold is forgotten.

struct app_loop;

bool track_teller_open(struct app_loop *app);
void track_teller_close(struct app_loop *app);

// An answer had to be made anew. Any loop.
void track_teller_want(const char *key);
