#include "label/style.h"

#include <stdlib.h>
#include <string.h>

bool style_attribute(const xmlNode *node, const char *name, char *out, size_t size)
{
    xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
    if (!value)
        return false;
    size_t len = strnlen((const char *)value, size - 1);
    memcpy(out, value, len);
    out[len] = '\0';
    xmlFree(value);
    return true;
}

char *style_collapse(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        bool space = strchr(" \t\r\n", *from);
        if (!space)
            *to++ = *from;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    }
    if (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
    return text;
}

void style_init(struct svg_style *style)
{
    *style = (struct svg_style){.stroke = {.none = true},
                                .stroke_width = 1,
                                .cap = CAIRO_LINE_CAP_BUTT,
                                .join = CAIRO_LINE_JOIN_MITER,
                                .family = "Noto Sans",
                                .size = 16,
                                .line = 1.25,
                                .weight = 400};
    cairo_matrix_init_identity(&style->matrix);
}

// --- one function a property ---------------------------------------------------------------------

typedef bool set_property(struct svg_style *style, const char *value);

static bool set_fill(struct svg_style *style, const char *value)
{
    return svg_colour(value, &style->fill);
}

static bool set_stroke(struct svg_style *style, const char *value)
{
    return svg_colour(value, &style->stroke);
}

static bool set_stroke_width(struct svg_style *style, const char *value)
{
    return svg_length(value, &style->stroke_width);
}

static bool set_cap(struct svg_style *style, const char *value)
{
    style->cap = strcmp(value, "round") == 0    ? CAIRO_LINE_CAP_ROUND
                 : strcmp(value, "square") == 0 ? CAIRO_LINE_CAP_SQUARE
                                                : CAIRO_LINE_CAP_BUTT;
    return true;
}

static bool set_join(struct svg_style *style, const char *value)
{
    style->join = strcmp(value, "round") == 0   ? CAIRO_LINE_JOIN_ROUND
                  : strcmp(value, "bevel") == 0 ? CAIRO_LINE_JOIN_BEVEL
                                                : CAIRO_LINE_JOIN_MITER;
    return true;
}

static bool set_fill_rule(struct svg_style *style, const char *value)
{
    style->even_odd = strcmp(value, "evenodd") == 0;
    return true;
}

static bool set_display(struct svg_style *style, const char *value)
{
    style->hidden = style->hidden || strcmp(value, "none") == 0;
    return true;
}

static bool set_visibility(struct svg_style *style, const char *value)
{
    style->hidden = style->hidden || strcmp(value, "hidden") == 0;
    return true;
}

// The first family of the list, without quotes.
static bool set_family(struct svg_style *style, const char *value)
{
    value += strspn(value, " '\"");
    size_t len = strcspn(value, ",'\"");
    if (!len || len >= sizeof style->family)
        return false;
    memcpy(style->family, value, len);
    style->family[len] = '\0';
    return true;
}

static bool set_size(struct svg_style *style, const char *value)
{
    return svg_length(value, &style->size) && style->size > 0;
}

static bool set_weight(struct svg_style *style, const char *value)
{
    if (strcmp(value, "normal") == 0)
        style->weight = 400;
    else if (strcmp(value, "bold") == 0)
        style->weight = 700;
    else
        style->weight = (int)strtol(value, NULL, 10);
    return style->weight >= 100 && style->weight <= 1000;
}

static bool set_font_style(struct svg_style *style, const char *value)
{
    style->italic = strcmp(value, "italic") == 0 || strcmp(value, "oblique") == 0;
    return true;
}

static bool set_line(struct svg_style *style, const char *value)
{
    char *end;
    if (strcmp(value, "normal") == 0)
        return true;
    if (!svg_numbers(value, &style->line, 1)) {
        style->line = strtod(value, &end) / 100;
        return strcmp(end, "%") == 0 && style->line >= 0.5 && style->line <= 5;
    }
    return style->line >= 0.5 && style->line <= 5;
}

static bool set_align(struct svg_style *style, const char *value)
{
    style->align = strcmp(value, "center") == 0 || strcmp(value, "middle") == 0 ? LABEL_MIDDLE
                   : strcmp(value, "end") == 0 || strcmp(value, "right") == 0   ? LABEL_END
                                                                                : LABEL_START;
    return true;
}

static bool set_baseline(struct svg_style *style, const char *value)
{
    style->valign = strcmp(value, "middle") == 0 || strcmp(value, "central") == 0 ? LABEL_MIDDLE
                    : strncmp(value, "text-", 5) == 0 && strstr(value, "bottom")  ? LABEL_END
                                                                                  : LABEL_START;
    return true;
}

static bool set_frame(struct svg_style *style, const char *value)
{
    size_t len = strcspn(value, ")");
    if (strncmp(value, "url(#", 5) != 0 || value[len] != ')' || len - 5 >= sizeof style->frame)
        return false;
    memcpy(style->frame, value + 5, len - 5);
    style->frame[len - 5] = '\0';
    return true;
}

static bool only_none(struct svg_style *style, const char *value)
{
    (void)style;
    return strcmp(value, "none") == 0;
}

static bool only_one(struct svg_style *style, const char *value)
{
    double number;
    (void)style;
    return svg_numbers(value, &number, 1) && number > 0.999;
}

// text-anchor stands before text-align: for text in a frame Inkscape writes both and obeys the
// last.
static const struct property {
    const char *name;
    set_property *set;
} properties[] = {
    {"fill", set_fill},
    {"stroke", set_stroke},
    {"stroke-width", set_stroke_width},
    {"stroke-linecap", set_cap},
    {"stroke-linejoin", set_join},
    {"stroke-dasharray", only_none},
    {"fill-rule", set_fill_rule},
    {"display", set_display},
    {"visibility", set_visibility},
    {"font-family", set_family},
    {"font-size", set_size},
    {"font-weight", set_weight},
    {"font-style", set_font_style},
    {"line-height", set_line},
    {"text-anchor", set_align},
    {"text-align", set_align},
    {"dominant-baseline", set_baseline},
    {"shape-inside", set_frame},
    {"opacity", only_one},
    {"fill-opacity", only_one},
    {"stroke-opacity", only_one},
    {"filter", only_none},
    {"clip-path", only_none},
    {"mask", only_none},
    {"marker", only_none},
    {"marker-start", only_none},
    {"marker-mid", only_none},
    {"marker-end", only_none},
};

// The value of `name` in "a:b; c:d", without blanks around it. False when absent.
static bool declaration(const char *text, const char *name, char *out, size_t size)
{
    size_t wanted = strlen(name);
    for (const char *at = text; at && *at; at += strcspn(at, ";"), at += *at == ';') {
        at += strspn(at, " \t\r\n");
        if (strncmp(at, name, wanted) != 0)
            continue;
        const char *colon = at + wanted + strspn(at + wanted, " ");
        if (*colon != ':')
            continue;
        const char *value = colon + 1 + strspn(colon + 1, " ");
        size_t len = strcspn(value, ";");
        while (len && value[len - 1] == ' ')
            len--;
        if (len >= size)
            len = size - 1;
        memcpy(out, value, len);
        out[len] = '\0';
        return true;
    }
    return false;
}

static bool property_read(const xmlNode *node, const char *declarations,
                          const struct property *property, struct svg_style *out,
                          struct label_fault *fault)
{
    char value[160];
    if (!declaration(declarations, property->name, value, sizeof value) &&
        !style_attribute(node, property->name, value, sizeof value))
        return true;
    if (strcmp(value, "inherit") == 0 || property->set(out, value))
        return true;
    label_fault_set(fault, (int)xmlGetLineNo(node), "%s: \"%.80s\" is not supported",
                    property->name, value);
    return false;
}

bool style_read(const xmlNode *node, const struct svg_style *parent, struct svg_style *out,
                struct label_fault *fault)
{
    cairo_matrix_t own;
    char transform[400];
    *out = *parent;
    out->frame[0] = '\0';
    if (style_attribute(node, "transform", transform, sizeof transform)) {
        if (!svg_transform(transform, &own)) {
            label_fault_set(fault, (int)xmlGetLineNo(node), "transform=\"%.80s\" is wrong",
                            transform);
            return false;
        }
        cairo_matrix_multiply(&out->matrix, &own, &parent->matrix);
    }
    xmlChar *text = xmlGetNoNsProp(node, (const xmlChar *)"style");
    bool ok = true;
    for (size_t i = 0; ok && i < countof(properties); i++)
        ok = property_read(node, text ? (const char *)text : "", &properties[i], out, fault);
    xmlFree(text);
    return ok;
}

bool style_same_type(const struct svg_style *a, const struct svg_style *b)
{
    return strcmp(a->family, b->family) == 0 && a->size == b->size && a->weight == b->weight &&
           a->italic == b->italic && a->fill.none == b->fill.none && a->fill.red == b->fill.red;
}
