#pragma once
#include <stdbool.h>

#include "base/compiler.h"

// One line an event: time, level, area, subject, text; logfmt or JSON (option log.format) to
// standard error. The subject says what the line is about as key=value pairs, "req=01J…
// unit=46-H1", so a grep for a request, shipment or connection finds its whole story. Personal data
// never goes in. Thread-safe; a line is written whole.

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_setup(enum log_level least, bool json);
// subject may be NULL or "". text is one short sentence.
void log_line(enum log_level level, const char *area, const char *subject, const char *fmt, ...)
    printf_like(4, 5);

#define log_debug(area, subject, ...) log_line(LOG_DEBUG, area, subject, __VA_ARGS__)
#define log_info(area, subject, ...)  log_line(LOG_INFO, area, subject, __VA_ARGS__)
#define log_warn(area, subject, ...)  log_line(LOG_WARN, area, subject, __VA_ARGS__)
#define log_error(area, subject, ...) log_line(LOG_ERROR, area, subject, __VA_ARGS__)

// Says why and ends the program with status 1.
noreturn_fn void die(const char *fmt, ...) printf_like(1, 2);
