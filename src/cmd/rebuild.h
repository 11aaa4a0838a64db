#pragma once

// dossierpost rebuild [--json]: folds every shipment, container and dossier again from its events
// and compares with what is kept; changes nothing. One line a difference. Exit status 0 when all is
// equal, 1 when it is not or could not be looked at, 2 usage.
int cmd_rebuild(int argc, char **argv);
extern const char cmd_rebuild_usage[];
