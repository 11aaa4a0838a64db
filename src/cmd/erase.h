#pragma once

// dossierpost erase CODE --by LOGIN: destroys the personal data of a dossier (its code, its id, or
// the number of one of its shipments), for good; that account, a supervisor's or administrator's,
// stands in the event that says so. Data that arrives later needs another run.
// Exit status 0 erased, or nothing was left; 1 failed; 2 usage.
int cmd_erase(int argc, char **argv);
extern const char cmd_erase_usage[];
