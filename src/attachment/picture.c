#include "attachment/picture.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

static const struct {
    const char *type, *suffix;
} names[] = {
    [MEDIA_NONE] = {"application/octet-stream", "bin"},
    [MEDIA_PNG] = {"image/png", "png"},
    [MEDIA_JPEG] = {"image/jpeg", "jpg"},
    [MEDIA_PDF] = {"application/pdf", "pdf"},
};

static const uint8_t png_mark[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

const char *media_type(enum media media)
{
    return names[media].type;
}

const char *media_suffix(enum media media)
{
    return names[media].suffix;
}

enum media media_of_type(const char *type)
{
    for (int i = MEDIA_PNG; i <= MEDIA_PDF; i++)
        if (strcmp(names[i].type, type) == 0)
            return (enum media)i;
    return MEDIA_NONE;
}

enum media picture_guess(const void *data, size_t len)
{
    static const uint8_t jpeg_mark[3] = {0xff, 0xd8, 0xff};
    if (len < sizeof png_mark)
        return MEDIA_NONE;
    if (memcmp(data, png_mark, sizeof png_mark) == 0)
        return MEDIA_PNG;
    if (memcmp(data, jpeg_mark, sizeof jpeg_mark) == 0)
        return MEDIA_JPEG;
    return memcmp(data, "%PDF-", 5) == 0 ? MEDIA_PDF : MEDIA_NONE;
}

static uint32_t big32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool set_size(struct picture *out, uint32_t width, uint32_t height)
{
    if (width < 1 || height < 1 || width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX)
        return false;
    out->width = (int)width;
    out->height = (int)height;
    return true;
}

// --- PNG (ISO/IEC 15948) -------------------------------------------------------------------------

// Length, type, data, CRC of type and data.
static bool chunk_good(const uint8_t *at, size_t left, size_t *whole)
{
    if (left < 12 || big32(at) > left - 12)
        return false;
    size_t len = big32(at);
    *whole = len + 12;
    return big32(at + 8 + len) == crc32(0, at + 4, (uInt)(len + 4));
}

static bool is_chunk(const uint8_t *at, const char *type)
{
    return memcmp(at + 4, type, 4) == 0;
}

static bool header_read(const uint8_t *at, struct picture *out)
{
    const uint8_t *data = at + 8;
    return is_chunk(at, "IHDR") && big32(at) == 13 && set_size(out, big32(data), big32(data + 4)) &&
           data[8] <= 16 && data[9] <= 6 && data[10] == 0 && data[11] == 0 && data[12] <= 1;
}

static bool png_read(const uint8_t *data, size_t len, struct picture *out)
{
    size_t at = sizeof png_mark, whole;
    bool first = true, pixels = false;
    while (chunk_good(data + at, len - at, &whole)) {
        const uint8_t *chunk = data + at;
        if (first && !header_read(chunk, out))
            return false;
        first = false;
        pixels |= is_chunk(chunk, "IDAT");
        at += whole;
        if (is_chunk(chunk, "IEND"))
            return pixels && whole == 12 && at == len;
        // A critical chunk that nobody knows would be shown by nobody alike.
        if (!(chunk[4] & 0x20) && !is_chunk(chunk, "IHDR") && !is_chunk(chunk, "IDAT") &&
            !is_chunk(chunk, "PLTE"))
            return false;
    }
    return false;
}

// --- JPEG (ISO/IEC 10918-1) ----------------------------------------------------------------------

enum { SOF0 = 0xc0, SOF2 = 0xc2, SOI = 0xd8, EOI = 0xd9, SOS = 0xda };

// The frame's header: baseline, extended or progressive, 8 bits, grey or three colours.
static bool frame_read(const uint8_t *segment, size_t len, struct picture *out)
{
    if (out->width || len < 8 || segment[2] != 8 || (segment[7] != 1 && segment[7] != 3) ||
        len != 8u + 3u * segment[7])
        return false;
    return set_size(out, (uint32_t)segment[5] << 8 | segment[6],
                    (uint32_t)segment[3] << 8 | segment[4]);
}

// Behind the entropy-coded data that begins at `at`: the next marker that is neither stuffing nor a
// restart.
static size_t behind_scan(const uint8_t *data, size_t len, size_t at)
{
    while (at + 1 < len) {
        uint8_t next = data[at + 1];
        if (data[at] == 0xff && next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7))
            return at;
        at++;
    }
    return len;
}

static bool jpeg_read(const uint8_t *data, size_t len, struct picture *out)
{
    size_t at = 2;
    bool scanned = false;
    while (len - at >= 2 && data[at] == 0xff) {
        uint8_t marker = data[at + 1];
        if (marker == 0xff) { // fill
            at++;
            continue;
        }
        at += 2;
        if (marker == EOI)
            return scanned && at == len;
        if (marker < SOF0 || (marker >= 0xd0 && marker <= SOI) || len - at < 2)
            return false;
        size_t size = (size_t)data[at] << 8 | data[at + 1];
        if (size < 2 || size > len - at)
            return false;
        if (marker >= SOF0 && marker <= SOF2 && !frame_read(data + at, size, out))
            return false;
        at += size;
        if (marker == SOS) {
            if (!out->width)
                return false;
            scanned = true;
            at = behind_scan(data, len, at);
        }
    }
    return false;
}

// --- PDF -----------------------------------------------------------------------------------------

// Its last mark stands at the end: what comes behind it would be another file for another reader.
static bool pdf_read(const uint8_t *data, size_t len)
{
    static const char mark[] = "%%EOF";
    const size_t size = sizeof mark - 1;
    while (len > size && (data[len - 1] == 0 || strchr("\t\n\f\r ", data[len - 1])))
        len--;
    return (data[5] == '1' || data[5] == '2') && data[6] == '.' && len > 8 + size &&
           memcmp(data + len - size, mark, size) == 0;
}

bool picture_read(const void *data, size_t len, struct picture *out)
{
    *out = (struct picture){.media = picture_guess(data, len)};
    switch (out->media) {
    case MEDIA_PNG:
        return png_read(data, len, out);
    case MEDIA_JPEG:
        return jpeg_read(data, len, out);
    case MEDIA_PDF:
        return pdf_read(data, len);
    case MEDIA_NONE:
        break;
    }
    return false;
}
