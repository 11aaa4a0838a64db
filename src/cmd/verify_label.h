#pragma once

// dossierpost verify-label CODE|- …: a label's signed code held against public keys, without a
// service and without a database.
int cmd_verify_label(int argc, char **argv);
extern const char cmd_verify_label_usage[];
