#pragma once

// dossierpost account add|list|passwd|disable|enable|key …: people and programs that may log in.
// Passwords are read from the terminal without echo, or from the first line of standard input.
int cmd_account(int argc, char **argv);
extern const char cmd_account_usage[];
