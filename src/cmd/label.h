#pragma once

// dossierpost label FILE.json [--template NAME|FILE.svg] [--format pdf|png|svg] [--dpi 203|300|600]
// [--out FILE]: draws one label without a database. FILE.json ("-": standard input) holds what
// label/facts.h describes; the code is signed with the key in the state directory.
// Exit status 0 ok, 1 failed, 2 usage.
int cmd_label(int argc, char **argv);
extern const char cmd_label_usage[];
