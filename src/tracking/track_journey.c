#include "tracking/track_journey.h"

#include <math.h>
#include <string.h>

#include "base/json.h"

enum { MARGIN = 34, HEIGHT = 300, LEAST = 150 };
enum { MARK_HEIGHT = 22, MARK_DIGIT = 9, MARK_SIDE = 13, MARK_APART = 4 };
static const double km_per_degree = 111.2, span_least = 1.5;

// --- from the view -------------------------------------------------------------------------------

bool track_same(const json_t *a, const json_t *b, const char *name)
{
    const char *left = json_text(a, name), *right = json_text(b, name);
    return strcmp(left ? left : "", right ? right : "") == 0;
}

// The stop's place in the list; -1 when its position is not known or the list is full.
static int stop_of(struct track_journey *j, const json_t *place)
{
    const json_t *at = json_object_get(place, "at");
    double x = json_number_value(json_array_get(at, 0)),
           y = json_number_value(json_array_get(at, 1));
    if (json_array_size(at) != 2 || fabs(x) > 180 || fabs(y) > 85)
        return -1;
    for (int i = 0; i < j->count; i++)
        if (track_same(j->stops[i].place, place, "name") &&
            track_same(j->stops[i].place, place, "province"))
            return i;
    if (j->count == TRACK_STOPS)
        return -1;
    j->stops[j->count] = (struct track_stop){place, x, y, j->count, TRACK_PAST};
    return j->count++;
}

static void visit(struct track_journey *j, const json_t *place)
{
    int stop = stop_of(j, place);
    if (stop >= 0 && j->visited < TRACK_VISITS &&
        (!j->visited || j->visits[j->visited - 1] != stop))
        j->visits[j->visited++] = stop;
}

static void read_view(struct track_journey *j, const json_t *view)
{
    const json_t *timeline = json_object_get(view, "timeline");
    size_t events = json_array_size(timeline), from = events < TRACK_VISITS ? events : TRACK_VISITS;
    while (from-- > 0)
        visit(j, json_object_get(json_array_get(timeline, from), "place"));
    visit(j, json_object_get(view, "place"));
    j->to = stop_of(j, json_object_get(view, "to"));
    j->moving = json_bool(json_object_get(view, "place"), "moving");
    if (!j->visited)
        return;
    if (j->to == j->visits[j->visited - 1])
        j->to = -1;
    if (j->to >= 0)
        j->stops[j->to].standing = TRACK_NEXT;
    j->stops[j->visits[j->visited - 1]].standing = TRACK_HERE;
}

// --- onto the drawing ----------------------------------------------------------------------------

static void project(struct track_journey *j)
{
    double west = 180, east = -180, south = 90, north = -90;
    for (int i = 0; i < j->count; i++) {
        west = fmin(west, j->stops[i].x);
        east = fmax(east, j->stops[i].x);
        south = fmin(south, j->stops[i].y);
        north = fmax(north, j->stops[i].y);
    }
    double narrow = km_per_degree * cos((south + north) / 2 * M_PI / 180);
    double wide = fmax((east - west) * narrow, span_least);
    double tall = fmax((north - south) * km_per_degree, span_least);
    j->km = fmin((TRACK_WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / tall);
    j->height = (int)fmax(LEAST, (north - south) * km_per_degree * j->km + 2 * MARGIN);
    for (int i = 0; i < j->count; i++) {
        struct track_stop *s = &j->stops[i];
        s->x = TRACK_WIDTH / 2.0 + (s->x - (west + east) / 2) * narrow * j->km;
        s->y = j->height / 2.0 - (s->y - (south + north) / 2) * km_per_degree * j->km;
    }
}

static int mark_width(const struct track_journey *j, int mark)
{
    int digits = 0, shared = 0;
    for (int i = 0; i < j->count; i++) {
        if (j->stops[i].mark != mark)
            continue;
        digits += i < 9 ? 1 : 2;
        shared++;
    }
    return MARK_SIDE + digits * MARK_DIGIT + (shared - 1) * MARK_DIGIT / 2;
}

static bool touch(const struct track_journey *j, int a, int b)
{
    const struct track_stop *left = &j->stops[a], *right = &j->stops[b];
    double apart = (mark_width(j, a) + mark_width(j, b)) / 2.0 + MARK_APART;
    return fabs(left->x - right->x) < apart && fabs(left->y - right->y) < MARK_HEIGHT + MARK_APART;
}

static void join(struct track_journey *j, int into, int mark)
{
    struct track_stop *keep = &j->stops[into], *lost = &j->stops[mark];
    keep->x = (keep->x + lost->x) / 2;
    keep->y = (keep->y + lost->y) / 2;
    for (int i = 0; i < j->count; i++)
        if (j->stops[i].mark == mark)
            j->stops[i].mark = into;
}

static bool join_two(struct track_journey *j)
{
    for (int a = 0; a < j->count; a++)
        for (int b = a + 1; b < j->count; b++)
            if (j->stops[a].mark == a && j->stops[b].mark == b && touch(j, a, b)) {
                join(j, a, b);
                return true;
            }
    return false;
}

// A mark grows as it takes others in, so until none touches another.
static int marks_settle(struct track_journey *j)
{
    int marks = 0;
    while (join_two(j))
        ;
    for (int i = 0; i < j->count; i++)
        marks += j->stops[i].mark == i;
    return marks;
}

struct track_box track_mark_box(const struct track_journey *j, int mark)
{
    const struct track_stop *s = &j->stops[mark];
    double half = mark_width(j, mark) / 2.0;
    return (struct track_box){s->x - half, s->y - MARK_HEIGHT / 2.0, s->x + half,
                              s->y + MARK_HEIGHT / 2.0};
}

bool track_journey_read(struct track_journey *j, const json_t *view)
{
    *j = (struct track_journey){.to = -1};
    read_view(j, view);
    if (j->count < 2 || !j->visited)
        return false;
    project(j);
    return marks_settle(j) >= 2;
}
