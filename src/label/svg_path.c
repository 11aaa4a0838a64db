#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "label/svg.h"

static cairo_path_data_t *outline_add(struct svg_outline *outline, cairo_path_data_type_t type,
                                      int points)
{
    if (outline->count + points + 1 > SVG_OUTLINE_MAX) {
        outline->full = true;
        outline->count = 0;
    }
    if (outline->count + points + 1 > outline->cap) {
        outline->cap = outline->cap ? outline->cap * 2 : 64;
        outline->data = realloc(outline->data, (size_t)outline->cap * sizeof *outline->data);
        if (!outline->data)
            die("out of memory");
    }
    cairo_path_data_t *at = outline->data + outline->count;
    at->header.type = type;
    at->header.length = points + 1;
    outline->count += points + 1;
    return at + 1;
}

static void point_set(const struct svg_outline *outline, cairo_path_data_t *at, double x, double y)
{
    cairo_matrix_transform_point(&outline->matrix, &x, &y);
    at->point.x = x;
    at->point.y = y;
}

void svg_outline_finish(struct svg_outline *outline)
{
    free(outline->data);
    outline->data = NULL;
}

void svg_move(struct svg_outline *outline, double x, double y)
{
    point_set(outline, outline_add(outline, CAIRO_PATH_MOVE_TO, 1), x, y);
}

void svg_line(struct svg_outline *outline, double x, double y)
{
    point_set(outline, outline_add(outline, CAIRO_PATH_LINE_TO, 1), x, y);
}

void svg_curve(struct svg_outline *outline, const double to[6])
{
    cairo_path_data_t *at = outline_add(outline, CAIRO_PATH_CURVE_TO, 3);
    for (int i = 0; i < 3; i++)
        point_set(outline, at + i, to[2 * i], to[2 * i + 1]);
}

void svg_close(struct svg_outline *outline)
{
    outline_add(outline, CAIRO_PATH_CLOSE_PATH, 0);
}

// A quarter of an ellipse from (x0, y0) to (x1, y1) with its corner at (cx, cy).
static void quarter(struct svg_outline *outline, double x0, double y0, double cx, double cy,
                    double x1, double y1)
{
    const double k = 0.5522847498;
    svg_curve(outline, (double[]){x0 + k * (cx - x0), y0 + k * (cy - y0), x1 + k * (cx - x1),
                                  y1 + k * (cy - y1), x1, y1});
}

void svg_rect(struct svg_outline *outline, double x, double y, double width, double height,
              double rx, double ry)
{
    double right = x + width, bottom = y + height;
    rx = fmin(rx, width / 2);
    ry = fmin(ry, height / 2);
    svg_move(outline, x + rx, y);
    svg_line(outline, right - rx, y);
    if (rx > 0)
        quarter(outline, right - rx, y, right, y, right, y + ry);
    svg_line(outline, right, bottom - ry);
    if (rx > 0)
        quarter(outline, right, bottom - ry, right, bottom, right - rx, bottom);
    svg_line(outline, x + rx, bottom);
    if (rx > 0)
        quarter(outline, x + rx, bottom, x, bottom, x, bottom - ry);
    svg_line(outline, x, y + ry);
    if (rx > 0)
        quarter(outline, x, y + ry, x, y, x + rx, y);
    svg_close(outline);
}

void svg_ellipse(struct svg_outline *outline, double cx, double cy, double rx, double ry)
{
    svg_rect(outline, cx - rx, cy - ry, 2 * rx, 2 * ry, rx, ry);
}

// A cubic for at most a quarter turn of the unit circle, carried to the ellipse.
static void arc_piece(struct svg_outline *outline, const cairo_matrix_t *ellipse, double from,
                      double sweep)
{
    double k = 4.0 / 3 * tan(sweep / 4), to = from + sweep;
    double p[6] = {cos(from) - k * sin(from),
                   sin(from) + k * cos(from),
                   cos(to) + k * sin(to),
                   sin(to) - k * cos(to),
                   cos(to),
                   sin(to)};
    for (int i = 0; i < 6; i += 2)
        cairo_matrix_transform_point(ellipse, &p[i], &p[i + 1]);
    svg_curve(outline, p);
}

// Radii, rotation, large, sweep, end: the centre is found as SVG 1.1 appendix F.6.5 tells.
static void arc(struct svg_outline *outline, double x0, double y0, const double v[7])
{
    double rx = fabs(v[0]), ry = fabs(v[1]), turn = v[2] * M_PI / 180;
    if (rx < 1e-9 || ry < 1e-9) {
        svg_line(outline, v[5], v[6]);
        return;
    }
    double dx = (x0 - v[5]) / 2, dy = (y0 - v[6]) / 2;
    double x = (cos(turn) * dx + sin(turn) * dy) / rx, y = (cos(turn) * dy - sin(turn) * dx) / ry;
    double reach = x * x + y * y;
    if (reach < 1e-18)
        return;
    double grow = reach > 1 ? sqrt(reach) : 1;
    double off = reach > 1 ? 0 : sqrt(1 / reach - 1);
    if ((v[3] != 0) == (v[4] != 0))
        off = -off;
    double cx = off * y, cy = -off * x;
    double from = atan2((y - cy), (x - cx)), to = atan2((-y - cy), (-x - cx));
    double sweep = to - from;
    if (v[4] != 0 && sweep < 0)
        sweep += 2 * M_PI;
    if (v[4] == 0 && sweep > 0)
        sweep -= 2 * M_PI;
    cairo_matrix_t ellipse;
    cairo_matrix_init_translate(&ellipse, (x0 + v[5]) / 2, (y0 + v[6]) / 2);
    cairo_matrix_rotate(&ellipse, turn);
    cairo_matrix_scale(&ellipse, rx * grow, ry * grow);
    if (reach > 1) // the chord is a diameter
        cx = cy = 0;
    cairo_matrix_translate(&ellipse, cx, cy);
    int pieces = (int)ceil(fabs(sweep) / (M_PI / 2) - 1e-9);
    for (int i = 0; i < pieces; i++)
        arc_piece(outline, &ellipse, from + sweep * i / pieces, sweep / pieces);
}

struct pen {
    struct svg_outline *outline;
    double x, y, start_x, start_y;
    double hint_x, hint_y; // last control point, for S and T
    char before;
};

static int arguments_of(char command)
{
    static const char names[] = "MLHVCSQTAZ";
    static const int counts[] = {2, 2, 1, 1, 6, 4, 4, 2, 7, 0};
    const char *at = strchr(names, command);
    return at && command ? counts[at - names] : -1;
}

// Makes every argument absolute.
static void absolute(const struct pen *pen, char command, double *v, int count)
{
    if (command == 'A') {
        v[5] += pen->x;
        v[6] += pen->y;
    } else if (command == 'V') {
        v[0] += pen->y;
    } else {
        for (int i = 0; i < count; i++)
            v[i] += i % 2 ? pen->y : pen->x;
    }
}

static void draw_curve(struct pen *pen, char command, const double *v)
{
    bool smooth = strchr(command == 'S' ? "CS" : "QT", pen->before) && pen->before;
    double hx = smooth ? 2 * pen->x - pen->hint_x : pen->x;
    double hy = smooth ? 2 * pen->y - pen->hint_y : pen->y;
    double to[6];
    if (command == 'C' || command == 'S') {
        const double *end = command == 'C' ? v + 2 : v;
        memcpy(to,
               (double[]){command == 'C' ? v[0] : hx, command == 'C' ? v[1] : hy, end[0], end[1],
                          end[2], end[3]},
               sizeof to);
        pen->hint_x = to[2];
        pen->hint_y = to[3];
    } else {
        const double *end = command == 'Q' ? v + 2 : v;
        pen->hint_x = command == 'Q' ? v[0] : hx;
        pen->hint_y = command == 'Q' ? v[1] : hy;
        memcpy(to,
               (double[]){(pen->x + 2 * pen->hint_x) / 3, (pen->y + 2 * pen->hint_y) / 3,
                          (end[0] + 2 * pen->hint_x) / 3, (end[1] + 2 * pen->hint_y) / 3, end[0],
                          end[1]},
               sizeof to);
    }
    svg_curve(pen->outline, to);
    pen->x = to[4];
    pen->y = to[5];
}

static void draw(struct pen *pen, char command, const double *v)
{
    switch (command) {
    case 'C':
    case 'S':
    case 'Q':
    case 'T':
        draw_curve(pen, command, v);
        return;
    case 'Z':
        svg_close(pen->outline);
        pen->x = pen->start_x;
        pen->y = pen->start_y;
        return;
    case 'A':
        arc(pen->outline, pen->x, pen->y, v);
        pen->x = v[5];
        pen->y = v[6];
        return;
    default:
        pen->x = command == 'V' ? pen->x : v[0];
        pen->y = command == 'H' ? pen->y : command == 'V' ? v[0] : v[1];
    }
    if (command == 'M') {
        svg_move(pen->outline, pen->x, pen->y);
        pen->start_x = pen->x;
        pen->start_y = pen->y;
    } else {
        svg_line(pen->outline, pen->x, pen->y);
    }
}

// Arc flags may stand without anything between them: "a1 1 0 01.5 2".
static bool arguments_read(const char **at, char command, double *v, int count)
{
    for (int i = 0; i < count; i++) {
        if (command == 'A' && (i == 3 || i == 4)) {
            const char *flag = svg_skip(*at);
            if (*flag != '0' && *flag != '1')
                return false;
            v[i] = *flag - '0';
            *at = flag + 1;
        } else if (!svg_next_number(at, &v[i])) {
            return false;
        }
    }
    return true;
}

bool svg_path(struct svg_outline *outline, const char *d)
{
    struct pen pen = {.outline = outline};
    char letter = '\0';
    for (d = svg_skip(d); *d; d = svg_skip(d)) {
        double v[7];
        bool named = isalpha((unsigned char)*d);
        if (named)
            letter = *d++;
        else if (letter == 'M' || letter == 'm')
            letter = letter == 'M' ? 'L' : 'l';
        char command = (char)toupper((unsigned char)letter);
        int count = arguments_of(command);
        if (count < 0 || (!named && count == 0) || (!pen.before && command != 'M') ||
            !arguments_read(&d, command, v, count))
            return false;
        if (letter != command)
            absolute(&pen, command, v, count);
        draw(&pen, command, v);
        pen.before = command;
        if (outline->full)
            return false;
    }
    return true;
}

bool svg_points(struct svg_outline *outline, const char *points, bool close)
{
    double x, y;
    bool first = true;
    for (points = svg_skip(points); *points; points = svg_skip(points), first = false) {
        if (!svg_next_number(&points, &x) || !svg_next_number(&points, &y) || outline->full)
            return false;
        if (first)
            svg_move(outline, x, y);
        else
            svg_line(outline, x, y);
    }
    if (close && !first)
        svg_close(outline);
    return !first;
}
