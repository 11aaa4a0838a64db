#include "tracking/track_write.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

void track_put(struct buf *out, const json_t *object, const char *name)
{
    const char *text = json_text(object, name);
    if (text)
        buf_html(out, text);
}

const char *track_text_at(const json_t *view, const char *member, const char *name)
{
    const char *text = json_text(json_object_get(view, member), name);
    return text ? text : "";
}

bool track_when(const json_t *object, const char *name, char out[CLOCK_TEXT])
{
    int64_t at;
    const char *text = json_text(object, name);
    if (!text || !clock_parse(text, &at))
        return false;
    clock_format_people(at, out);
    return true;
}

static bool day_shaped(const char *text)
{
    static const char shape[] = "dddd-dd-dd";
    size_t at = 0;
    for (; text && shape[at]; at++)
        if (shape[at] == 'd' ? text[at] < '0' || text[at] > '9' : text[at] != '-')
            return false;
    return text && text[at] == '\0';
}

bool track_days(const char *first, const char *last, char out[CLOCK_TEXT])
{
    first = day_shaped(first) ? first : last;
    last = day_shaped(last) ? last : first;
    if (!day_shaped(first))
        return false;
    bool one = strcmp(first, last) == 0, same_year = strncmp(first, last, 4) == 0;
    int len = one ? 0
                  : snprintf(out, CLOCK_TEXT, "%.2s/%.2s%s%.*s – ", first + 8, first + 5,
                             same_year ? "" : "/", same_year ? 0 : 4, first);
    snprintf(out + len, CLOCK_TEXT - (size_t)len, "%.2s/%.2s/%.4s", last + 8, last + 5, last);
    return true;
}

void track_english(struct buf *out, const char *text)
{
    buf_text(out, " <span class=\"en\" lang=\"en\">");
    buf_html(out, text);
    buf_text(out, "</span>");
}

void track_put_place(struct buf *out, const json_t *place)
{
    track_put(out, place, "name");
    if (json_text(place, "province"))
        buf_text(out, ", ");
    track_put(out, place, "province");
}

void track_fact(struct buf *out, const char *vi, const char *en)
{
    buf_text(out, "<dt>");
    buf_text(out, vi);
    track_english(out, en);
    buf_text(out, "</dt><dd>");
}
