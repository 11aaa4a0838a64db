#pragma once

// dossierpost import communes|units|blocks|procedures|sorting FILE: adds or changes what the file
// names, all of it or nothing; --dry-run says what would be. CSV with a first line of column names;
// procedures may be JSON, {"procedures": [entry…]}.
int cmd_import(int argc, char **argv);
extern const char cmd_import_usage[];
