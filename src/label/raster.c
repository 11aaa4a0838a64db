#include "label/raster.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"

bool label_raster_init(struct label_raster *raster, int width, int height)
{
    *raster = (struct label_raster){0};
    if (width < 1 || height < 1 || width > LABEL_RASTER_SIDE_MAX || height > LABEL_RASTER_SIDE_MAX)
        return false;
    *raster = (struct label_raster){.width = width, .height = height, .stride = (width + 7) / 8};
    raster->data = calloc((size_t)height, (size_t)raster->stride);
    if (!raster->data)
        die("out of memory");
    return true;
}

void label_raster_finish(struct label_raster *raster)
{
    free(raster->data);
    *raster = (struct label_raster){0};
}

static void row_fill(uint8_t *row, int from, int to, bool ink)
{
    for (int x = from; x < to;) {
        int end = (x | 7) + 1 < to ? (x | 7) + 1 : to;
        uint8_t mask = (uint8_t)((0xff >> (x & 7)) & (0xff << ((8 - end % 8) % 8)));
        row[x / 8] = ink ? row[x / 8] | mask : row[x / 8] & (uint8_t)~mask;
        x = end;
    }
}

void label_raster_fill(struct label_raster *raster, int x, int y, int width, int height, bool ink)
{
    int left = x < 0 ? 0 : x, top = y < 0 ? 0 : y;
    int right = x + width > raster->width ? raster->width : x + width;
    int bottom = y + height > raster->height ? raster->height : y + height;
    for (int row = top; row < bottom; row++)
        row_fill(raster->data + (size_t)row * (size_t)raster->stride, left, right, ink);
}

bool label_raster_dot(const struct label_raster *raster, int x, int y)
{
    if (x < 0 || y < 0 || x >= raster->width || y >= raster->height)
        return false;
    return raster->data[(size_t)y * (size_t)raster->stride + (size_t)x / 8] >> (7 - x % 8) & 1;
}

double label_dots_per_mm(int64_t dpi)
{
    switch (dpi) {
    case 203:
        return 8.0;
    case 300:
        return 300 / 25.4;
    case 600:
        return 600 / 25.4;
    default:
        return 0;
    }
}

static void png_put(png_structp png, png_bytep data, size_t len)
{
    buf_add(png_get_io_ptr(png), data, len);
}

static void png_told(png_structp png, png_const_charp text)
{
    log_warn("label", NULL, "libpng: %s", text);
}

static void png_failed(png_structp png, png_const_charp text)
{
    png_told(png, text);
    png_longjmp(png, 1);
}

static void png_put_rows(png_structp png, png_infop info, const struct label_raster *raster,
                         double dots_per_mm)
{
    png_uint_32 a_metre = (png_uint_32)(dots_per_mm * 1000 + 0.5);
    png_set_compression_level(png, 2);
    png_set_filter(png, 0, PNG_FILTER_NONE);
    png_set_IHDR(png, info, (png_uint_32)raster->width, (png_uint_32)raster->height, 1,
                 PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_pHYs(png, info, a_metre, a_metre, PNG_RESOLUTION_METER);
    png_write_info(png, info);
    png_set_invert_mono(png); // in PNG 0 is black
    for (int y = 0; y < raster->height; y++)
        png_write_row(png, raster->data + (size_t)y * (size_t)raster->stride);
    png_write_end(png, NULL);
}

bool label_raster_png(const struct label_raster *raster, double dots_per_mm, struct buf *out)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, png_failed, png_told);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return false;
    }
    png_set_write_fn(png, out, png_put, NULL);
    png_put_rows(png, info, raster, dots_per_mm);
    png_destroy_write_struct(&png, &info);
    return true;
}
