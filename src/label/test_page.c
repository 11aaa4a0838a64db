#include "label/test_page.h"

#include <math.h>
#include <stdio.h>

#include "label/draw.h"
#include "label/picture.h"
#include "label/text.h"

enum { RULER_MM = 40, LINES_MOST = 4, QR_MODULES = 21, QR_QUIET = 4, BARS_QUIET = 10 };
static const int modules[] = {1, 2, 3, 4, 5, 6, 8, 10, 12}; // dots
static const double module_most = 0.8;                      // millimetres
static const double edge = 3, bar_height = 9, caption = 2.4, caption_wide = 13, gap = 1;

// Where the next thing goes, in millimetres.
struct sheet {
    const struct test_page *page;
    double dots, width, height, y;
    struct label_raster raster;
    cairo_t *cr; // texts, in millimetres
};

static void text(struct sheet *s, double x, double y, double width, double size, int weight,
                 const char *what)
{
    struct label_op op = {
        .type = {.family = "Noto Sans", .size = size, .line = 1.2, .weight = weight},
        .box = {x, y, width, size * 1.3}};
    cairo_matrix_init_identity(&op.matrix);
    label_text_frame(label_pen_get(true), s->cr, &op, what);
}

static void ink(struct sheet *s, double x, double y, int width, int height)
{
    label_raster_fill(&s->raster, (int)lround(x * s->dots), (int)lround(y * s->dots), width, height,
                      true);
}

static void line(struct sheet *s, double size, int weight, const char *what)
{
    text(s, edge, s->y, s->width - 2 * edge, size, weight, what);
    s->y += size * 1.4;
}

static void head(struct sheet *s)
{
    const struct test_page *page = s->page;
    char about[80];
    snprintf(about, sizeof about, "%d dpi, %.1f chấm/mm (dots) · mã (code) %s", page->dpi, s->dots,
             page->code);
    line(s, s->width < 60 ? 2.4 : 4, 700, page->printer);
    if (s->height > 50) {
        line(s, 3, 400, page->unit);
        line(s, 3, 700, "TRANG IN THỬ · Test page");
    }
    line(s, s->width < 60 ? 2 : 3, 400, about);
    s->y += gap;
}

static void ruler(struct sheet *s)
{
    int thin = s->dots > 16 ? 4 : 2, long_mm = (int)lround(RULER_MM * s->dots);
    if (s->width < RULER_MM + 2 * edge)
        return;
    ink(s, edge, s->y, long_mm, thin);
    for (int mm = 0; mm <= RULER_MM; mm++) {
        double down = mm % 10 == 0 ? 4 : mm % 5 == 0 ? 3 : 1.8;
        ink(s, edge + mm, s->y, thin, (int)lround(down * s->dots));
    }
    text(s, edge + RULER_MM + 1, s->y + 1, s->width - RULER_MM - edge - 1, 2.6, 400,
         s->width < 60 ? "40" : "40 mm");
    s->y += 4 + gap;
}

// As many dots black as white: they are separate, or they run together.
static void lines_of_dots(struct sheet *s)
{
    int high = (int)lround(3 * s->dots);
    for (int n = 1; n <= LINES_MOST && s->height > 50; n++) {
        double x = edge + (n - 1) * 12;
        for (int at = 0; at + n <= lround(10 * s->dots); at += 2 * n)
            ink(s, x + at / s->dots, s->y, n, high);
    }
    s->y += s->height > 50 ? 3 + gap : 0;
}

static void symbol(struct sheet *s, const struct label_symbol *symbol, double x, double y, int n,
                   int row)
{
    struct label_place place = {(int)lround(x * s->dots), (int)lround(y * s->dots), n, row};
    label_symbol_in_dots(&s->raster, symbol, &place);
}

static void caption_of(struct sheet *s, double x, double y, double width, const char *kind, int n)
{
    char what[48];
    snprintf(what, sizeof what, "%s%d: %.3f mm", kind, n, n / s->dots);
    text(s, x, y, width, caption / 1.3, 400, what);
}

// False when it could not be made.
static bool qr_codes(struct sheet *s)
{
    double x = edge, row_high = 0;
    for (size_t i = 0; i < countof(modules) && modules[i] / s->dots <= module_most; i++) {
        struct label_symbol qr;
        char code[16];
        int n = modules[i];
        double side = (QR_MODULES + 2 * QR_QUIET) * n / s->dots;
        double wide = fmax(side, caption_wide);
        if (x > edge && x + wide > s->width) {
            x = edge;
            s->y += row_high + gap;
            row_high = 0;
        }
        if (s->y + caption + side > s->height)
            continue;
        snprintf(code, sizeof code, "T%sQ%d", s->page->code, n);
        if (!label_symbol_qr(&qr, code, LABEL_QR_Q, 1))
            return false;
        caption_of(s, x, s->y, wide, "", n);
        symbol(s, &qr, x + QR_QUIET * n / s->dots, s->y + caption + QR_QUIET * n / s->dots, n, n);
        label_symbol_finish(&qr);
        x += wide;
        row_high = fmax(row_high, caption + side);
    }
    s->y += row_high + gap;
    return true;
}

static bool bar_codes(struct sheet *s)
{
    for (size_t i = 0; i < countof(modules) && modules[i] / s->dots <= module_most; i++) {
        struct label_symbol bars;
        char code[16];
        int n = modules[i];
        snprintf(code, sizeof code, "T%sB%d", s->page->code, n);
        if (!label_symbol_code128(&bars, code))
            return false;
        double wide = (bars.width + 2 * BARS_QUIET) * n / s->dots;
        if (wide <= s->width && s->y + caption + bar_height <= s->height) {
            double x = (s->width - wide) / 2 + BARS_QUIET * n / s->dots;
            caption_of(s, edge, s->y, s->width - 2 * edge, "", n);
            symbol(s, &bars, x, s->y + caption, n, (int)lround(bar_height * s->dots));
            s->y += caption + bar_height + gap;
        }
        label_symbol_finish(&bars);
    }
    return true;
}

// What the texts left on their surface.
static void texts_take(struct sheet *s, cairo_surface_t *surface)
{
    cairo_surface_flush(surface);
    const unsigned char *from = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; from && y < s->raster.height; y++) {
        for (int x = 0; x < s->raster.width; x++) {
            if (from[y * stride + x] >= 128)
                label_raster_fill(&s->raster, x, y, 1, 1, true);
        }
    }
}

static bool draw(struct sheet *s)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_A8, s->raster.width, s->raster.height);
    s->cr = cairo_create(surface);
    cairo_set_antialias(s->cr, CAIRO_ANTIALIAS_NONE);
    cairo_scale(s->cr, s->dots, s->dots);
    head(s);
    ruler(s);
    lines_of_dots(s);
    bool ok = qr_codes(s) && bar_codes(s) && cairo_status(s->cr) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(s->cr);
    texts_take(s, surface);
    cairo_surface_destroy(surface);
    return ok;
}

bool test_page_draw(const struct test_page *page, enum label_format format, struct buf *out,
                    struct label_fault *fault)
{
    struct sheet s = {.page = page,
                      .dots = label_dots_per_mm(page->dpi),
                      .width = page->paper->width,
                      .height = page->paper->height,
                      .y = edge};
    bool ok = false;
    *fault = (struct label_fault){0};
    if (s.dots > 0 && label_raster_init(&s.raster, (int)lround(s.width * s.dots),
                                        (int)lround(s.height * s.dots))) {
        ok = draw(&s) && label_picture(&s.raster, page->dpi, format, out);
        label_raster_finish(&s.raster);
    }
    if (!ok)
        label_fault_set(fault, 0, "the test page cannot be drawn at %d dpi as %s", page->dpi,
                        label_format_name(format));
    return ok;
}
