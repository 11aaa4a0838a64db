#include "postal/s10.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { LENGTH = 13, SERIAL_AT = 2, CHECK_AT = 10, COUNTRY_AT = 11, SERIAL_DIGITS = 8 };
enum { LETTERS = 26, LETTER_PAIRS = LETTERS * LETTERS };
static const uint64_t serials = 100000000;

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool has_shape(const char *number)
{
    for (int i = 0; i < LENGTH; i++) {
        bool letter = i < SERIAL_AT || i >= COUNTRY_AT;
        if (letter ? !is_letter(number[i]) : !is_digit(number[i]))
            return false;
    }
    return number[LENGTH] == '\0';
}

bool s10_normalize(const char *text, char out[S10_TEXT])
{
    int len = 0;
    for (; *text; text++) {
        if (*text == ' ')
            continue;
        if (len == LENGTH)
            return false;
        out[len++] = (char)(*text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text);
    }
    out[len] = '\0';
    return has_shape(out);
}

bool s10_service_allowed(const char *number)
{
    return number[0] != '\0' && strchr("ERVCLUMQABNPZ", number[0]) != NULL;
}

char s10_check_digit(const char *serial)
{
    static const int weights[SERIAL_DIGITS] = {8, 6, 4, 2, 3, 5, 9, 7};
    int sum = 0;
    for (int i = 0; i < SERIAL_DIGITS; i++)
        sum += (serial[i] - '0') * weights[i];
    int digit = 11 - sum % 11;
    if (digit == 10)
        digit = 0;
    else if (digit == 11)
        digit = 5;
    return (char)('0' + digit);
}

bool s10_valid(const char *number)
{
    return has_shape(number) && s10_service_allowed(number) &&
           number[CHECK_AT] == s10_check_digit(number + SERIAL_AT);
}

void s10_group(const char *number, char out[S10_GROUPED])
{
    snprintf(out, S10_GROUPED, "%.2s %.8s %c %.2s", number, number + SERIAL_AT, number[CHECK_AT],
             number + COUNTRY_AT);
}

static uint64_t pair_number(const char *letters)
{
    return (uint64_t)(letters[0] - 'A') * LETTERS + (uint64_t)(letters[1] - 'A');
}

static void pair_letters(uint64_t pair, char *out)
{
    out[0] = (char)('A' + pair / LETTERS);
    out[1] = (char)('A' + pair % LETTERS);
}

void s10_pack(const char *number, uint8_t out[S10_PACKED])
{
    uint64_t value = pair_number(number);
    uint64_t serial = 0;
    for (int i = 0; i < SERIAL_DIGITS; i++)
        serial = serial * 10 + (uint64_t)(number[SERIAL_AT + i] - '0');
    value = (value * serials + serial) * LETTER_PAIRS + pair_number(number + COUNTRY_AT);
    for (int i = S10_PACKED - 1; i >= 0; i--, value >>= 8)
        out[i] = (uint8_t)value;
}

bool s10_unpack(const uint8_t packed[S10_PACKED], char out[S10_TEXT])
{
    uint64_t value = 0;
    for (int i = 0; i < S10_PACKED; i++)
        value = value << 8 | packed[i];
    pair_letters(value % LETTER_PAIRS, out + COUNTRY_AT);
    value /= LETTER_PAIRS;
    uint64_t serial = value % serials, service = value / serials;
    if (service >= LETTER_PAIRS)
        return false;
    pair_letters(service, out);
    for (int i = SERIAL_DIGITS - 1; i >= 0; i--, serial /= 10)
        out[SERIAL_AT + i] = (char)('0' + serial % 10);
    out[CHECK_AT] = s10_check_digit(out + SERIAL_AT);
    out[LENGTH] = '\0';
    return s10_service_allowed(out);
}
