#include "base/buf.h"
#include "label/label.h"

enum { QUIET = 4 };

// A row of runs as strokes one unit wide, each beginning where the one before ended: half the bytes
// of outlines, which counts on a page for slow networks.
struct pen {
    struct buf *out;
    int x, y; // where the last run ended
};

static void number(struct buf *out, int value)
{
    if (value > 9)
        number(out, value / 10);
    buf_byte(out, (char)('0' + value % 10));
}

static void stroke(void *arg, int x, int y, int length)
{
    struct pen *pen = arg;
    if (y != pen->y) {
        buf_byte(pen->out, 'M');
        number(pen->out, x + QUIET);
        buf_byte(pen->out, ' ');
        number(pen->out, y + QUIET);
        buf_text(pen->out, ".5");
    } else {
        buf_byte(pen->out, 'm');
        number(pen->out, x - pen->x);
        buf_text(pen->out, " 0");
    }
    buf_byte(pen->out, 'h');
    number(pen->out, length);
    pen->x = x + length;
    pen->y = y;
}

bool label_qr_svg(const char *text, struct buf *out)
{
    struct label_symbol symbol;
    struct pen pen = {out, 0, -1};
    if (!label_symbol_qr(&symbol, text, LABEL_QR_Q, 1))
        return false;
    int side = symbol.width + 2 * QUIET;
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
               "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
               "<path stroke=\"#000\" d=\"",
               side, side, side, side);
    label_symbol_runs(&symbol, stroke, &pen);
    buf_text(out, "\"/></svg>\n");
    label_symbol_finish(&symbol);
    return true;
}
