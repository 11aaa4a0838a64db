#pragma once

// `dossierpost purge`: drops whole old partitions of events after their time of keeping.

extern const char cmd_purge_usage[];
int cmd_purge(int argc, char **argv);
