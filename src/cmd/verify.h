#pragma once

// dossierpost verify: whether the log of events is whole. Everything, --range FROM-TO, --subject
// NUMBER, or --bundle FILE without a database. Hashes are made again from the events; no stored one
// is believed. Exit status 0 all verified, 1 something is bad, 2 usage.
int cmd_verify(int argc, char **argv);
extern const char cmd_verify_usage[];
