#include "base/buf.h"
#include "label/label.h"

enum { QUIET = 4 };

// One path of runs, a unit a module.
static void runs(const struct label_symbol *symbol, struct buf *out)
{
    for (int y = 0; y < symbol->height; y++) {
        const uint8_t *row = symbol->dark + (size_t)y * (size_t)symbol->width;
        for (int x = 0, run; x < symbol->width; x += run) {
            for (run = 1; x + run < symbol->width && row[x + run] == row[x];)
                run++;
            if (row[x])
                buf_printf(out, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run);
        }
    }
}

bool label_qr_svg(const char *text, struct buf *out)
{
    struct label_symbol symbol;
    if (!label_symbol_qr(&symbol, text, LABEL_QR_Q, 1))
        return false;
    int side = symbol.width + 2 * QUIET;
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
               "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
               side, side, side, side);
    runs(&symbol, out);
    buf_text(out, "\"/></svg>\n");
    label_symbol_finish(&symbol);
    return true;
}
