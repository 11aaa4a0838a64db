#include "label/svg.h"

#include <ctype.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const char *svg_skip(const char *at)
{
    while (blank(*at) || *at == ',')
        at++;
    return at;
}

bool svg_next_number(const char **at, double *out)
{
    const char *start = svg_skip(*at);
    // g_ascii_strtod also takes "inf", "nan" and hexadecimal.
    const char *first = start + (*start == '-' || *start == '+');
    char *end;
    if ((!isdigit((unsigned char)*first) && *first != '.') ||
        (first[0] == '0' && (first[1] | 0x20) == 'x'))
        return false;
    *out = g_ascii_strtod(start, &end);
    if (end == start || !isfinite(*out) || fabs(*out) > 1e6)
        return false;
    *at = end;
    return true;
}

static const struct unit {
    const char *name;
    double pixels;
} units[] = {
    {"px", 1}, {"mm", 96 / 25.4}, {"cm", 96 / 2.54}, {"in", 96}, {"pt", 96 / 72.0},
};

static const struct unit *unit_find(const char *name)
{
    for (size_t i = 0; i < countof(units); i++) {
        if (strcmp(units[i].name, name) == 0)
            return &units[i];
    }
    return NULL;
}

bool svg_length(const char *text, double *out)
{
    if (!svg_next_number(&text, out))
        return false;
    const struct unit *unit = unit_find(text);
    *out *= unit ? unit->pixels : 1;
    return unit || !*svg_skip(text);
}

bool svg_millimetres(const char *text, double *out)
{
    if (!svg_next_number(&text, out))
        return false;
    const struct unit *unit = unit_find(text);
    if (!unit || unit == units)
        return false;
    *out *= unit->pixels * 25.4 / 96;
    return true;
}

bool svg_numbers(const char *text, double *out, int count)
{
    for (int i = 0; i < count; i++) {
        if (!svg_next_number(&text, &out[i]))
            return false;
    }
    return !*svg_skip(text);
}

static bool colour_hex(const char *text, struct svg_colour *out)
{
    size_t len = strspn(text, "0123456789abcdefABCDEF");
    if (text[len] || (len != 3 && len != 6))
        return false;
    unsigned long rgb = strtoul(text, NULL, 16);
    if (len == 3)
        rgb = (rgb >> 8 & 15) * 0x110000 + (rgb >> 4 & 15) * 0x1100 + (rgb & 15) * 0x11;
    *out = (struct svg_colour){false, (double)(rgb >> 16 & 255) / 255,
                               (double)(rgb >> 8 & 255) / 255, (double)(rgb & 255) / 255};
    return true;
}

bool svg_colour(const char *text, struct svg_colour *out)
{
    double rgb[3];
    if (text[0] == '#')
        return colour_hex(text + 1, out);
    if (strncmp(text, "rgb(", 4) == 0 && text[strlen(text) - 1] == ')') {
        const char *at = text + 4;
        for (int i = 0; i < 3; i++) {
            if (!svg_next_number(&at, &rgb[i]))
                return false;
        }
        *out = (struct svg_colour){false, rgb[0] / 255, rgb[1] / 255, rgb[2] / 255};
        return *svg_skip(at) == ')';
    }
    *out = (struct svg_colour){.none = strcmp(text, "none") == 0};
    if (strcmp(text, "white") == 0)
        out->red = out->green = out->blue = 1;
    return out->none || out->red > 0 || strcmp(text, "black") == 0 ||
           strcmp(text, "currentColor") == 0;
}

static bool transform_one(const char *name, size_t len, const double *v, int count,
                          cairo_matrix_t *m)
{
    if (len == 6 && strncmp(name, "matrix", len) == 0 && count == 6) {
        cairo_matrix_init(m, v[0], v[1], v[2], v[3], v[4], v[5]);
    } else if (len == 9 && strncmp(name, "translate", len) == 0 && count >= 1 && count <= 2) {
        cairo_matrix_init_translate(m, v[0], count == 2 ? v[1] : 0);
    } else if (len == 5 && strncmp(name, "scale", len) == 0 && count >= 1 && count <= 2) {
        cairo_matrix_init_scale(m, v[0], count == 2 ? v[1] : v[0]);
    } else if (len == 6 && strncmp(name, "rotate", len) == 0 && (count == 1 || count == 3)) {
        cairo_matrix_init_identity(m);
        if (count == 3)
            cairo_matrix_translate(m, v[1], v[2]);
        cairo_matrix_rotate(m, v[0] * G_PI / 180);
        if (count == 3)
            cairo_matrix_translate(m, -v[1], -v[2]);
    } else if (len == 5 && strncmp(name, "skewX", len) == 0 && count == 1) {
        cairo_matrix_init(m, 1, 0, tan(v[0] * G_PI / 180), 1, 0, 0);
    } else if (len == 5 && strncmp(name, "skewY", len) == 0 && count == 1) {
        cairo_matrix_init(m, 1, tan(v[0] * G_PI / 180), 0, 1, 0, 0);
    } else {
        return false;
    }
    return true;
}

bool svg_transform(const char *text, cairo_matrix_t *out)
{
    cairo_matrix_init_identity(out);
    for (text = svg_skip(text); *text; text = svg_skip(text)) {
        const char *name = text;
        double values[6];
        int count = 0;
        cairo_matrix_t one;
        size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzXY");
        text = svg_skip(text + len);
        if (*text++ != '(')
            return false;
        while (count < 6 && svg_next_number(&text, &values[count]))
            count++;
        text = svg_skip(text);
        if (*text++ != ')' || !transform_one(name, len, values, count, &one))
            return false;
        cairo_matrix_multiply(out, &one, out);
    }
    return fabs(out->xx * out->yy - out->xy * out->yx) > 1e-9;
}
