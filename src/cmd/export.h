#pragma once

// dossierpost export procedures: the catalogue on standard output, as `import` takes it and finds
// nothing changed: JSON, or with --csv one line for each.
int cmd_export(int argc, char **argv);
extern const char cmd_export_usage[];
