#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utf8proc.h>

#include "base/buf.h"
#include "base/clock.h"

static _Atomic int threshold = LOG_INFO;
static atomic_bool as_json;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_setup(enum log_level least, bool json)
{
    threshold = least;
    as_json = json;
}

// subject "a=1 b=2" becomes the members "a":"1","b":"2".
static void json_subject(struct buf *line, const char *subject)
{
    while (*subject) {
        size_t name = strcspn(subject, "= ");
        size_t value = subject[name] == '=' ? strcspn(subject + name + 1, " ") : 0;
        buf_byte(line, ',');
        buf_json_string(line, subject, name);
        buf_byte(line, ':');
        buf_json_string(line, subject + name + (value ? 1 : 0), value);
        subject += name + (subject[name] == '=' ? 1 : 0) + value;
        subject += strspn(subject, " ");
    }
}

static void write_json(struct buf *line, const char *at, enum log_level level, const char *area,
                       const char *subject, const char *text)
{
    buf_printf(line, "{\"at\":\"%s\",\"level\":\"%s\",\"area\":\"%s\"", at, level_names[level],
               area);
    json_subject(line, subject);
    buf_text(line, ",\"text\":");
    buf_json_string(line, text, strlen(text));
    buf_byte(line, '}');
}

static void write_text(struct buf *line, const char *at, enum log_level level, const char *area,
                       const char *subject, const char *text)
{
    buf_printf(line, "%s %s %s%s%s: ", at, level_names[level], area, *subject ? " " : "", subject);
    buf_text(line, text);
}

// A line break inside would forge a line, an escape sequence would steer the terminal that shows
// it, and half a character would spoil the JSON.
static void tidy(char *text)
{
    utf8proc_int32_t c;
    for (size_t step; *text; text += step) {
        utf8proc_ssize_t read = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &c);
        bool control = read > 0 && (c < 0x20 || (c >= 0x7f && c < 0xa0));
        step = read > 0 ? (size_t)read : 1;
        if (read <= 0 || control)
            memset(text, control ? ' ' : '?', step);
    }
}

static void emit(enum log_level level, const char *area, const char *subject, const char *fmt,
                 va_list args) printf_like(4, 0);

static void emit(enum log_level level, const char *area, const char *subject, const char *fmt,
                 va_list args)
{
    char at[CLOCK_TEXT], text[1024], about[256];
    struct buf line = {0};
    clock_format(clock_now(), at);
    vsnprintf(text, sizeof text, fmt, args);
    snprintf(about, sizeof about, "%s", subject ? subject : "");
    tidy(text);
    tidy(about);
    (as_json ? write_json : write_text)(&line, at, level, area, about, text);
    buf_byte(&line, '\n');
    ssize_t written = write(STDERR_FILENO, line.data, line.len);
    (void)written; // nowhere left to complain to
    buf_finish(&line);
}

void log_line(enum log_level level, const char *area, const char *subject, const char *fmt, ...)
{
    if ((int)level < threshold)
        return;
    va_list args;
    va_start(args, fmt);
    emit(level, area, subject, fmt, args);
    va_end(args);
}

void die(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    emit(LOG_ERROR, "main", NULL, fmt, args);
    va_end(args);
    exit(1);
}
