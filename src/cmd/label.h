#pragma once

// dossierpost label FILE.json [--template NAME|FILE.svg] [--format pdf|png|svg|zpl|tspl|escpos]
// [--dpi 203|300|600] [--out FILE] [--jobs N] [--progress]: draws labels without a database.
// FILE.json ("-": standard input) holds what label/facts.h describes, once, or any number of times
// (cmd/label_batch.h); the code is signed with the key in the state directory.
// Exit status 0 ok, 1 failed, also for one label of many, 2 usage.
int cmd_label(int argc, char **argv);
extern const char cmd_label_usage[];
