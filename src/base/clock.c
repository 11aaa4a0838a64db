#include "base/clock.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { VIETNAM_OFFSET = 7 * 3600 };

int64_t clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_monotonic(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static struct tm vietnam(int64_t at)
{
    struct tm tm;
    time_t seconds = (time_t)(floor_div(at, 1000000) + VIETNAM_OFFSET);
    gmtime_r(&seconds, &tm);
    return tm;
}

void clock_format(int64_t at, char out[CLOCK_TEXT])
{
    struct tm tm = vietnam(at);
    int milli = (int)((at - floor_div(at, 1000000) * 1000000) / 1000);
    snprintf(out, CLOCK_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%03d+07:00", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, milli);
}

void clock_format_people(int64_t at, char out[CLOCK_TEXT])
{
    struct tm tm = vietnam(at);
    snprintf(out, CLOCK_TEXT, "%02d/%02d/%04d %02d:%02d", tm.tm_mday, tm.tm_mon + 1,
             tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
}

// --- RFC 3339 ------------------------------------------------------------------------------------

// Takes exactly `digits` digits; -1 when there are others.
static int number(const char **text, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

static bool mark(const char **text, char wanted)
{
    if (**text != wanted)
        return false;
    (*text)++;
    return true;
}

static bool parse_date(const char **t, struct tm *tm)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = number(t, 4);
    if (year < 1 || !mark(t, '-'))
        return false;
    int month = number(t, 2);
    if (month < 1 || month > 12 || !mark(t, '-'))
        return false;
    int day = number(t, 2);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day < 1 || day > days[month - 1] + (leap && month == 2))
        return false;
    *tm = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return true;
}

static bool parse_time(const char **t, struct tm *tm, int *micro)
{
    tm->tm_hour = number(t, 2);
    if (tm->tm_hour < 0 || tm->tm_hour > 23 || !mark(t, ':'))
        return false;
    tm->tm_min = number(t, 2);
    if (tm->tm_min < 0 || tm->tm_min > 59 || !mark(t, ':'))
        return false;
    tm->tm_sec = number(t, 2);
    if (tm->tm_sec < 0 || tm->tm_sec > 59) // a leap second cannot be told apart later
        return false;
    *micro = 0;
    if (!mark(t, '.'))
        return true;
    int scale = 100000, digits = 0;
    for (; **t >= '0' && **t <= '9'; (*t)++, digits++, scale /= 10)
        *micro += (**t - '0') * scale;
    return digits > 0 && digits <= 9;
}

static bool parse_offset(const char **t, int *seconds)
{
    *seconds = 0;
    if (mark(t, 'Z') || mark(t, 'z'))
        return true;
    int sign = mark(t, '+') ? 1 : mark(t, '-') ? -1 : 0;
    if (sign == 0)
        return false;
    int hours = number(t, 2);
    if (hours < 0 || hours > 23 || !mark(t, ':'))
        return false;
    int minutes = number(t, 2);
    *seconds = sign * (hours * 3600 + minutes * 60);
    return minutes >= 0 && minutes <= 59;
}

bool clock_is_date(const char *text)
{
    struct tm tm;
    return parse_date(&text, &tm) && !*text;
}

bool clock_parse(const char *text, int64_t *at)
{
    struct tm tm;
    int micro, offset;
    if (!parse_date(&text, &tm) || tm.tm_year < 70 || !(mark(&text, 'T') || mark(&text, 't')) ||
        !parse_time(&text, &tm, &micro) || !parse_offset(&text, &offset) || *text)
        return false;
    *at = ((int64_t)timegm(&tm) - offset) * 1000000 + micro;
    return true;
}

// --- UUID ----------------------------------------------------------------------------------------

// Monotonic within the process: ids of one millisecond count up in the 12 bits behind the time.
void uuid_v7(uint8_t out[UUID_BYTES])
{
    static _Atomic int64_t last; // milliseconds << 12 | counter
    int64_t now = (clock_now() / 1000) << 12, before = atomic_load(&last), mine;
    do
        mine = now > before ? now : before + 1;
    while (!atomic_compare_exchange_weak(&last, &before, mine));
    int64_t milli = mine >> 12;
    randombytes_buf(out + 8, 8);
    for (int i = 0; i < 6; i++)
        out[i] = (uint8_t)(milli >> (40 - 8 * i));
    out[6] = (uint8_t)(0x70 | ((mine >> 8) & 0x0f));
    out[7] = (uint8_t)mine;
    out[8] = (uint8_t)(0x80 | (out[8] & 0x3f));
}

void uuid_format(const uint8_t id[UUID_BYTES], char out[UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[id[i] >> 4];
        *out++ = digits[id[i] & 15];
    }
    *out = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool uuid_parse(const char *text, uint8_t out[UUID_BYTES])
{
    for (int i = 0; i < UUID_BYTES; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
            return false;
        int high = hex_value(*text);
        int low = high < 0 ? -1 : hex_value(text[1]);
        if (low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return *text == '\0';
}

int64_t uuid_time(const uint8_t id[UUID_BYTES])
{
    int64_t milli = 0;
    for (int i = 0; i < 6; i++)
        milli = milli << 8 | id[i];
    return milli * 1000;
}
