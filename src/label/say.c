#include "label/say.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "label/facts.h"
#include "postal/postal.h"

const char *say_time(struct arena *arena, const char *rfc3339)
{
    char people[CLOCK_TEXT];
    int64_t at;
    if (!rfc3339 || !clock_parse(rfc3339, &at))
        return "";
    clock_format_people(at, people);
    return arena_printf(arena, "%s ngày %.10s", people + 11, people);
}

const char *say_day(struct arena *arena, const char *text)
{
    char people[CLOCK_TEXT];
    int year, month, day, end = 0;
    int64_t at;
    if (text && clock_parse(text, &at)) {
        clock_format_people(at, people);
        return arena_printf(arena, "%.10s", people);
    }
    if (!text || sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || text[end])
        return "";
    return arena_printf(arena, "%02d/%02d/%04d", day, month, year);
}

const char *say_text(struct arena *arena, const char *text)
{
    const char *clean = label_clean(arena, text);
    return clean ? clean : "";
}

const char *say_code(struct arena *arena, const char *code)
{
    char number[S10_GROUPED], receptacle[S9_GROUPED], plain[S9_TEXT];
    if (s9_normalize(code, plain)) {
        s9_group(plain, receptacle);
        return arena_strdup(arena, receptacle);
    }
    if (!s10_valid(code))
        return say_text(arena, code);
    s10_group(code, number);
    return arena_strdup(arena, number);
}

const char *say_money(struct arena *arena, int64_t amount)
{
    char dotted[MONEY_TEXT];
    text_money(amount, dotted);
    return arena_printf(arena, "%s\u00a0đ", dotted); // never on two lines
}

const char *say_weight(struct arena *arena, int64_t grams)
{
    if (grams < 1000)
        return arena_printf(arena, "%d g", (int)grams);
    int hundreds = (int)((grams + 50) / 100);
    return hundreds % 10 ? arena_printf(arena, "%d,%d kg", hundreds / 10, hundreds % 10)
                         : arena_printf(arena, "%d kg", hundreds / 10);
}

const char *say_joined(struct arena *arena, const char *between, const char *const *parts,
                       int count)
{
    const char *text = "";
    for (int i = 0; i < count; i++) {
        if (parts[i] && *parts[i])
            text = arena_printf(arena, "%s%s%s", text, *text ? between : "", parts[i]);
    }
    return text;
}

const char *say_demo(bool demo)
{
    return demo ? "MẪU – KHÔNG CÓ GIÁ TRỊ" : NULL;
}
