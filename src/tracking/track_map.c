#include "tracking/track_map.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tracking/track_journey.h"
#include "tracking/track_write.h"

enum { LETTER = 7, NAME = 64 }; // units a letter of a name on the drawing; its bytes
static const double bend = 0.16;

static const struct {
    const char *name, *vi, *en;
} standings[] = {
    [TRACK_PAST] = {"past", "đã qua", "passed"},
    [TRACK_HERE] = {"here", "đang ở đây", "here now"},
    [TRACK_NEXT] = {"next", "sắp đến", "next"},
};

// --- the drawing ---------------------------------------------------------------------------------

static void units(struct buf *out, double value)
{
    char text[16];
    int at = sizeof text, tenths = (int)lround(value * 10), left = abs(tenths);
    if (left % 10) {
        text[--at] = (char)('0' + left % 10);
        text[--at] = '.';
    }
    left /= 10;
    do
        text[--at] = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (tenths < 0)
        text[--at] = '-';
    buf_add(out, text + at, sizeof text - (size_t)at);
}

// Puts a number, to a tenth, where each ~ stands. (printf of doubles was most of a map's time.)
static void shape(struct buf *out, const char *text, ...)
{
    va_list numbers;
    va_start(numbers, text);
    for (const char *mark; (mark = strchr(text, '~')); text = mark + 1) {
        buf_add(out, text, (size_t)(mark - text));
        units(out, va_arg(numbers, double));
    }
    va_end(numbers);
    buf_text(out, text);
}

// Round numbers of kilometres: the largest whose square is no wider than a quarter of the drawing.
static int grid_km(double km)
{
    static const int round[] = {500, 200, 100, 50, 20, 10, 5, 2, 1};
    for (size_t i = 0; i < countof(round); i++)
        if (round[i] * km <= TRACK_WIDTH / 4.0)
            return round[i];
    return 1;
}

static void draw_grid(struct buf *out, const struct track_journey *j, int km)
{
    double side = km * j->km, low = j->height;
    buf_text(out, "<path class=\"grid\" d=\"");
    for (double x = 10; x < TRACK_WIDTH; x += side)
        shape(out, "M~ 0v~", x, low);
    for (double y = low - 12; y > 0; y -= side)
        shape(out, "M0 ~h~", y, (double)TRACK_WIDTH);
    shape(out,
          "\"/><path class=\"rule\" d=\"M10 ~v4h~v-4M300 26V10m-4 5l4-5 4 5\"/>"
          "<text class=\"rule\" x=\"15\" y=\"~\">~ km</text>"
          "<text class=\"rule\" x=\"300\" y=\"37\" text-anchor=\"middle\">Bắc</text>",
          low - 16, side, low - 17, (double)km);
}

// Where a way bends: to its right, so that the way back does not lie on it.
static void draw_curve(struct buf *out, const struct track_stop *from, const struct track_stop *to)
{
    double dx = to->x - from->x, dy = to->y - from->y;
    shape(out, "M~ ~Q~ ~ ~ ~", from->x, from->y, (from->x + to->x) / 2 - dy * bend,
          (from->y + to->y) / 2 + dx * bend, to->x, to->y);
}

// In the middle of the curve, where it runs as from mark to mark.
static void draw_arrow(struct buf *out, const struct track_stop *from, const struct track_stop *to)
{
    double dx = to->x - from->x, dy = to->y - from->y, length = hypot(dx, dy);
    double ux = dx / length, uy = dy / length;
    double x = (from->x + to->x) / 2 - dy * bend / 2 + ux * 4;
    double y = (from->y + to->y) / 2 + dx * bend / 2 + uy * 4;
    shape(out, "M~ ~L~ ~L~ ~", x - 7 * ux - 5 * uy, y - 7 * uy + 5 * ux, x, y, x - 7 * ux + 5 * uy,
          y - 7 * uy - 5 * ux);
}

static void draw_travelled(struct buf *out, const struct track_journey *j)
{
    bool drawn[TRACK_STOPS][TRACK_STOPS] = {0};
    buf_text(out, "<path class=\"went\" d=\"");
    for (int i = 1; i < j->visited; i++) {
        int from = j->stops[j->visits[i - 1]].mark, to = j->stops[j->visits[i]].mark;
        if (from == to || drawn[from][to])
            continue;
        draw_curve(out, &j->stops[from], &j->stops[to]);
        draw_arrow(out, &j->stops[from], &j->stops[to]);
        drawn[from][to] = true;
    }
    buf_text(out, "\"/>");
}

static void draw_ahead(struct buf *out, const struct track_journey *j)
{
    int from = j->stops[j->visits[j->visited - 1]].mark,
        to = j->to < 0 ? from : j->stops[j->to].mark;
    if (from == to)
        return;
    buf_text(out, "<path class=\"ahead\" d=\"");
    draw_curve(out, &j->stops[from], &j->stops[to]);
    buf_text(out, "\"/><path class=\"ahead point\" d=\"");
    draw_arrow(out, &j->stops[from], &j->stops[to]);
    buf_text(out, "\"/>");
}

// Where the dossier is shows through whatever shares its mark.
static enum track_standing mark_standing(const struct track_journey *j, int mark)
{
    enum track_standing most = j->stops[mark].standing;
    for (int i = 0; i < j->count; i++)
        if (j->stops[i].mark == mark && (j->stops[i].standing == TRACK_HERE || most == TRACK_PAST))
            most = j->stops[i].standing;
    return most;
}

static void draw_mark(struct buf *out, const struct track_journey *j, int mark)
{
    struct track_box box = track_mark_box(j, mark);
    double height = box.bottom - box.top;
    const char *between = "";
    buf_text(out, "<g class=\"");
    buf_text(out, standings[mark_standing(j, mark)].name);
    shape(out, "\"><rect x=\"~\" y=\"~\" width=\"~\" height=\"~\" rx=\"~\"/>", box.left, box.top,
          box.right - box.left, height, height / 2);
    shape(out, "<text x=\"~\" y=\"~\" text-anchor=\"middle\">", (box.left + box.right) / 2,
          box.bottom - 6.5);
    for (int i = 0; i < j->count; i++) {
        if (j->stops[i].mark != mark)
            continue;
        buf_text(out, between);
        units(out, i + 1);
        between = "·";
    }
    buf_text(out, "</text></g>\n");
}

// --- names on the drawing ------------------------------------------------------------------------

static bool apart(const struct track_box *a, const struct track_box *b)
{
    return a->right <= b->left || b->right <= a->left || a->bottom <= b->top || b->bottom <= a->top;
}

static const char *province_of(const struct track_journey *j, int stop)
{
    static const char *const kinds[] = {"Thành phố ", "Tỉnh "};
    const char *name = json_text(j->stops[stop].place, "province");
    for (size_t i = 0; name && i < countof(kinds); i++)
        if (strncmp(name, kinds[i], strlen(kinds[i])) == 0)
            return name + strlen(kinds[i]);
    return name;
}

// What a mark is called: the provinces of all that share it. False when that is too much to say.
static bool mark_name(const struct track_journey *j, int mark, char out[NAME])
{
    int len = 0, last = -1;
    for (int i = 0; i < j->count; i++) {
        const char *name = j->stops[i].mark == mark ? province_of(j, i) : NULL;
        if (!name || (last >= 0 && track_same(j->stops[i].place, j->stops[last].place, "province")))
            continue;
        len += snprintf(out + len, (size_t)(NAME - len), "%s%s", last >= 0 ? ", " : "", name);
        if (len >= NAME)
            return false;
        last = i;
    }
    return last >= 0;
}

static bool crosses_provinces(const struct track_journey *j)
{
    for (int i = 1; i < j->count; i++)
        if (!track_same(j->stops[i].place, j->stops[0].place, "province"))
            return true;
    return false;
}

static int letters(const char *text)
{
    int count = 0;
    for (; *text; text++)
        count += (*text & 0xC0) != 0x80;
    return count;
}

static struct track_box beside(const struct track_box *mark, double width, int side)
{
    double middle = (mark->left + mark->right) / 2, left = middle - width / 2;
    switch (side) {
    case 0:
        return (struct track_box){mark->right + 4, mark->top + 3, mark->right + 4 + width,
                                  mark->bottom - 3};
    case 1:
        return (struct track_box){mark->left - 4 - width, mark->top + 3, mark->left - 4,
                                  mark->bottom - 3};
    case 2:
        return (struct track_box){left, mark->bottom + 1, left + width, mark->bottom + 17};
    default:
        return (struct track_box){left, mark->top - 17, left + width, mark->top - 1};
    }
}

struct taken {
    struct track_box boxes[2 * TRACK_STOPS + 2];
    int count;
};

static bool is_free(const struct taken *taken, const struct track_box *at, int height)
{
    if (at->left < 2 || at->right > TRACK_WIDTH - 2 || at->top < 2 || at->bottom > height - 2)
        return false;
    for (int i = 0; i < taken->count; i++)
        if (!apart(at, &taken->boxes[i]))
            return false;
    return true;
}

// Right, left, below or above its mark: where it lies on nothing else. Left out where it would.
static void draw_name(struct buf *out, const struct track_journey *j, int mark, struct taken *taken)
{
    char name[NAME];
    struct track_box box = track_mark_box(j, mark);
    bool named = mark_name(j, mark, name);
    for (int side = 0; named && side < 4; side++) {
        struct track_box at = beside(&box, letters(name) * LETTER, side);
        if (!is_free(taken, &at, j->height))
            continue;
        taken->boxes[taken->count++] = at;
        shape(out, "<text class=\"name\" x=\"~\" y=\"~\" text-anchor=\"middle\">",
              (at.left + at.right) / 2, at.bottom - 4);
        buf_html(out, name);
        buf_text(out, "</text>\n");
        return;
    }
}

static void draw_names(struct buf *out, const struct track_journey *j)
{
    struct taken taken = {
        {{0, j->height - 34, 100, j->height}, {TRACK_WIDTH - 42, 0, TRACK_WIDTH, 42}}, 2};
    for (int i = 0; i < j->count; i++)
        if (j->stops[i].mark == i)
            taken.boxes[taken.count++] = track_mark_box(j, i);
    for (int i = 0; i < j->count; i++)
        if (j->stops[i].mark == i)
            draw_name(out, j, i, &taken);
}

static void draw(struct buf *out, const struct track_journey *j)
{
    int km = grid_km(j->km);
    buf_printf(
        out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Bản đồ %d nơi, kèm danh sách\">",
        TRACK_WIDTH, j->height, j->count);
    draw_grid(out, j, km);
    draw_travelled(out, j);
    draw_ahead(out, j);
    for (int i = 0; i < j->count; i++)
        if (j->stops[i].mark == i)
            draw_mark(out, j, i);
    if (crosses_provinces(j))
        draw_names(out, j);
    buf_text(out, "</svg>\n");
}

static void list(struct buf *out, const struct track_journey *j)
{
    buf_text(out, "<ol class=\"stops\">\n");
    for (int i = 0; i < j->count; i++) {
        enum track_standing standing = j->stops[i].standing;
        bool last = standing == TRACK_HERE && j->moving;
        buf_printf(out, "<li class=\"%s\"><b>%d</b><span>", standings[standing].name, i + 1);
        track_put_place(out, j->stops[i].place);
        buf_printf(out, " <small>%s · <span lang=\"en\">%s</span></small></span></li>\n",
                   last ? "gần nhất tại đây" : standings[standing].vi,
                   last ? "last seen here" : standings[standing].en);
    }
    buf_text(out, "</ol>\n");
}

void track_map(struct buf *out, const json_t *view)
{
    struct track_journey j;
    if (!track_journey_read(&j, view))
        return;
    buf_text(out,
             "<section class=\"map\"><h2>Các nơi hồ sơ qua <span class=\"en\" lang=\"en\">Places "
             "on its way</span></h2>\n");
    draw(out, &j);
    list(out, &j);
    buf_text(out, "</section>\n");
}
