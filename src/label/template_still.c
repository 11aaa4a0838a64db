#include <float.h>
#include <math.h>

#include "label/template_internal.h"

// Which things of a template are drawn first, as they are the same on every label. A thing may go
// before one that moves (a slot, or what may not go first itself) when nobody can tell: both are of
// one colour, or they do not touch.

struct area {
    double left, top, right, bottom; // millimetres
};

static void area_add(struct area *area, double x, double y)
{
    *area = (struct area){fmin(area->left, x), fmin(area->top, y), fmax(area->right, x),
                          fmax(area->bottom, y)};
}

static struct area area_of_path(const struct label_op *op)
{
    struct area area = {DBL_MAX, DBL_MAX, -DBL_MAX, -DBL_MAX};
    for (int i = 0; i < op->path_count; i += op->path[i].header.length) {
        for (int k = 1; k < op->path[i].header.length; k++)
            area_add(&area, op->path[i + k].point.x, op->path[i + k].point.y);
    }
    double pen = op->kind == LABEL_OP_STROKE ? op->width * 10 : 0; // as far as its corners reach
    return (struct area){area.left - pen, area.top - pen, area.right + pen, area.bottom + pen};
}

// Of a line of text only where its base line is: it may be of any length.
static struct area area_of_text(const struct label_op *op)
{
    const double above = 1.2, below = 0.4, size = op->type.size;
    const struct area everywhere = {-DBL_MAX, -DBL_MAX, DBL_MAX, DBL_MAX};
    const cairo_matrix_t *m = &op->matrix;
    bool frame = op->kind == LABEL_OP_FRAME;
    if (m->xy != 0 || m->yx != 0 || m->xx <= 0 || m->yy <= 0)
        return everywhere;
    double top = frame ? op->box.y : op->y - above * size;
    double bottom = frame ? op->box.y + op->box.height : op->y + below * size;
    return (struct area){frame ? op->box.x * m->xx + m->x0 : -DBL_MAX, top * m->yy + m->y0,
                         frame ? (op->box.x + op->box.width) * m->xx + m->x0 : DBL_MAX,
                         bottom * m->yy + m->y0};
}

static struct area area_of(const struct label_op *op)
{
    return op->kind == LABEL_OP_FILL || op->kind == LABEL_OP_STROKE ? area_of_path(op)
                                                                    : area_of_text(op);
}

static bool may_change_places(const struct label_op *a, const struct label_op *b)
{
    if (a->red == b->red && a->green == b->green && a->blue == b->blue)
        return true;
    struct area one = area_of(a), other = area_of(b);
    return one.right < other.left || other.right < one.left || one.bottom < other.top ||
           other.bottom < one.top;
}

static bool is_slot(const struct label_op *op)
{
    return (op->kind == LABEL_OP_TEXT || op->kind == LABEL_OP_FRAME) && !op->text;
}

void template_still(struct label_template *t)
{
    for (int i = 0; i < t->count; i++) {
        struct label_op *op = &t->ops[i];
        op->still = op->kind != LABEL_OP_CODE && !is_slot(op);
        for (int k = 0; k < i && op->still; k++) {
            const struct label_op *before = &t->ops[k];
            op->still = before->kind == LABEL_OP_CODE || before->still ||
                        before->band != op->band || may_change_places(before, op);
        }
    }
}
