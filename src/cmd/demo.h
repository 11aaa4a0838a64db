#pragma once
#include <stdbool.h>

#include "base/compiler.h"

// The demo network (one real province: Huế), procedures and accounts of conf/, which travel inside
// the program. Accounts made here can log in only where the option demo is on.

// Loads what is not there yet, as the owner; a second time costs one look-up. Blocking.
must_check bool demo_load(const char *conninfo);
void demo_print_logins(void);

// dossierpost demo: loads it and prints the logins.
int cmd_demo(int argc, char **argv);
extern const char cmd_demo_usage[];
