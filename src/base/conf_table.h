#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"

// The rows of conf.def as a table; only conf.c and conf_print.c look here.

enum conf_kind { CONF_TEXT, CONF_CHOICE, CONF_INT, CONF_BOOL };

struct conf_option {
    const char *name;
    enum conf_kind kind;
    void *field;
    const char *fallback, *text;
    int64_t least, greatest;
    const char *choices; // "a|b|c"
};

enum { CONF_NAME_MAX = 64 };

extern const struct conf_option conf_options[];
extern const size_t conf_option_count;

// "--server-request-timeout"
void conf_flag_name(const struct conf_option *option, char out[CONF_NAME_MAX]);
