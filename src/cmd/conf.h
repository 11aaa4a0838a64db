#pragma once

// dossierpost conf --sample: prints a configuration file that names every option with its default.
// dossierpost conf --show: prints the options as they are in force, from file, environment and
// flags. Exit status 0 ok, 2 usage.
int cmd_conf(int argc, char **argv);
extern const char cmd_conf_usage[];
