#pragma once

// dossierpost verify-result FILE.pdf --seal SEAL.json …: a result on line held against its seal and
// the public keys, without a database.
int cmd_verify_result(int argc, char **argv);
extern const char cmd_verify_result_usage[];
