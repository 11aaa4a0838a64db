#include "label/symbol.h"

#include <math.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>
#include <zint.h>

#include "base/log.h"

enum { QR_QUIET = 4, BARS_QUIET = 10 };
static const double module_least = 0.33, bars_least = 9, bars_share = 0.15;

static void symbol_init(struct label_symbol *symbol, enum label_symbol_kind kind, int width,
                        int height)
{
    *symbol = (struct label_symbol){.kind = kind, .width = width, .height = height};
    symbol->dark = malloc((size_t)width * (size_t)height);
    if (!symbol->dark)
        die("out of memory");
}

void label_symbol_finish(struct label_symbol *symbol)
{
    free(symbol->dark);
    *symbol = (struct label_symbol){0};
}

bool label_symbol_qr(struct label_symbol *symbol, const char *text, enum label_qr_level level,
                     int version)
{
    *symbol = (struct label_symbol){0};
    QRinput *input = QRinput_new2(version, level == LABEL_QR_H ? QR_ECLEVEL_H : QR_ECLEVEL_Q);
    if (!input)
        return false;
    QRcode *code = NULL;
    if (QRinput_append(input, QR_MODE_AN, (int)strlen(text), (const unsigned char *)text) == 0)
        code = QRcode_encodeInput(input);
    QRinput_free(input);
    if (!code)
        return false;
    symbol_init(symbol, LABEL_SYMBOL_QR, code->width, code->width);
    for (int i = 0; i < code->width * code->width; i++)
        symbol->dark[i] = code->data[i] & 1;
    QRcode_free(code);
    return true;
}

bool label_symbol_code128(struct label_symbol *symbol, const char *text)
{
    *symbol = (struct label_symbol){0};
    struct zint_symbol *zint = ZBarcode_Create();
    if (!zint)
        return false;
    zint->symbology = BARCODE_CODE128;
    bool ok = ZBarcode_Encode(zint, (const unsigned char *)text, 0) < ZINT_ERROR &&
              zint->rows == 1 && zint->width <= LABEL_SYMBOL_SIDE;
    if (ok) {
        symbol_init(symbol, LABEL_SYMBOL_CODE128, zint->width, 1);
        for (int x = 0; x < zint->width; x++)
            symbol->dark[x] = zint->encoded_data[0][x >> 3] >> (x & 7) & 1;
    }
    ZBarcode_Delete(zint);
    return ok;
}

void label_symbol_turn(struct label_symbol *symbol)
{
    int width = symbol->width;
    symbol->width = symbol->height;
    symbol->height = width;
}

void label_symbol_runs(const struct label_symbol *symbol, label_run *run, void *arg)
{
    for (int y = 0; y < symbol->height; y++) {
        const uint8_t *row = symbol->dark + (size_t)y * (size_t)symbol->width;
        for (int x = 0, length; x < symbol->width; x += length) {
            for (length = 1; x + length < symbol->width && row[x + length] == row[x];)
                length++;
            if (row[x])
                run(arg, x, y, length);
        }
    }
}

// Middle of a region on whole dots.
static int centred(double start, double size, double dots_per_mm, int dots)
{
    return (int)lround((start + size / 2) * dots_per_mm - dots / 2.0);
}

static bool place_qr(const struct label_symbol *symbol, const struct label_box *box,
                     double dots_per_mm, struct label_place *place)
{
    double side = fmin(box->width, box->height) * dots_per_mm;
    place->module = place->row = (int)(side / (symbol->width + 2 * QR_QUIET));
    int dots = place->module * symbol->width;
    place->x = centred(box->x, box->width, dots_per_mm, dots);
    place->y = centred(box->y, box->height, dots_per_mm, dots);
    return place->module >= module_least * dots_per_mm;
}

static bool place_bars(const struct label_symbol *symbol, const struct label_box *box,
                       double dots_per_mm, struct label_place *place)
{
    bool turned = symbol->height > 1;
    int modules = turned ? symbol->height : symbol->width;
    double along = turned ? box->height : box->width, across = turned ? box->width : box->height;
    int module = (int)(along * dots_per_mm / (modules + 2 * BARS_QUIET));
    int bar = (int)lround(across * dots_per_mm), dots = module * modules;
    place->module = turned ? bar : module;
    place->row = turned ? module : bar;
    place->x = centred(box->x, box->width, dots_per_mm, turned ? bar : dots);
    place->y = centred(box->y, box->height, dots_per_mm, turned ? dots : bar);
    return module >= module_least * dots_per_mm && bar >= bars_least * dots_per_mm &&
           bar >= bars_share * dots;
}

bool label_symbol_place(const struct label_symbol *symbol, const struct label_box *box,
                        double dots_per_mm, struct label_place *place)
{
    return symbol->kind == LABEL_SYMBOL_QR ? place_qr(symbol, box, dots_per_mm, place)
                                           : place_bars(symbol, box, dots_per_mm, place);
}
