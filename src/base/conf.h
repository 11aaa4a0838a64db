#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct buf;

// Every option is one row of conf.def: name, type, default, least and greatest value, text.
// From the row come the member of struct conf, the line in the configuration file
// (section.key = value, read with libinih), the flag (--section-key), the environment variable
// (DOSSIERPOST_SECTION_KEY), the sample file in conf/ and the text of --help.
// Precedence: flag, environment, file, default. A name without a point has no section. After
// conf_load state_dir is never empty.
// Read once at start, then constant: safe from any thread.

struct conf {
#define OPTION_TEXT(field, name, fallback, text)                 const char *field;
#define OPTION_CHOICE(field, name, fallback, choices, text)      const char *field;
#define OPTION_INT(field, name, fallback, least, greatest, text) int64_t field;
#define OPTION_BOOL(field, name, fallback, text)                 bool field;
#include "base/conf.def"
#undef OPTION_TEXT
#undef OPTION_CHOICE
#undef OPTION_INT
#undef OPTION_BOOL
};

extern struct conf conf;

// Takes its flags out of argv (argc and argv are changed to what is left). False after having told
// standard error what is wrong: exit with status 2.
must_check bool conf_load(int *argc, char **argv);
void conf_print_help(struct buf *out);
void conf_print_sample(struct buf *out);
// "name = value" a line; what may hold a password is shown as "(set)".
void conf_print_values(struct buf *out);
