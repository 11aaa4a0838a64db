#pragma once

// dossierpost import communes|units|blocks|procedures FILE: adds or changes what the file names,
// all of it or nothing. CSV with a first line of column names; procedures are JSON.
int cmd_import(int argc, char **argv);
extern const char cmd_import_usage[];
