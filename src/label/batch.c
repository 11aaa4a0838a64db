#include "label/batch.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/log.h"
#include "label/pdf_join.h"

struct piece {
    struct piece *next;
    struct label_batch *batch;
    bool ready;
    struct label_part part;
};

struct label_batch {
    struct label_batch_plan plan;
    struct piece *first, **last; // in their order
    int held, drawn;
    bool filling, waiting;                   // for the labels; for the taker
    bool all_filled, tail, stopped, closing; // tail: the stream's end was put
    struct pdf_join join;
    struct buf out;
};

static const struct timeval crew_is_full = {0, 50000};

static void go(struct label_batch *batch);
static void piece_submit(struct piece *piece);

static void piece_drop(struct piece *piece)
{
    piece->batch->held--;
    label_part_finish(&piece->part);
    free(piece);
}

// --- out -----------------------------------------------------------------------------------------

static void put(struct label_batch *batch, const struct buf *out)
{
    if (batch->stopped || out->len == 0)
        return;
    enum label_put answer =
        batch->plan.calls->put(batch->plan.arg, out->data, out->len, batch->drawn);
    batch->waiting = answer == LABEL_PUT_WAIT;
    batch->stopped = batch->stopped || answer == LABEL_PUT_STOP;
}

static void put_pdf(struct label_batch *batch, const struct label_part *part)
{
    struct label_fault fault;
    buf_reset(&batch->out);
    if (batch->join.at == 0)
        pdf_join_begin(&batch->join, &batch->out);
    if (pdf_join_add(&batch->join, part->out.data, part->out.len, &batch->out, &fault)) {
        put(batch, &batch->out);
    } else {
        log_error("label", NULL, "%s", fault.text);
        batch->stopped = true;
    }
}

static void put_part(struct label_batch *batch, const struct label_part *part)
{
    for (int i = 0; i < part->count; i++)
        if (part->labels[i].problem)
            batch->plan.calls->problem(batch->plan.arg, part->labels[i].name,
                                       part->labels[i].problem);
    batch->drawn += part->drawn;
    if (batch->plan.way.format == LABEL_PDF && part->drawn > 0)
        put_pdf(batch, part);
    else
        put(batch, &part->out);
}

static void put_ready(struct label_batch *batch)
{
    struct piece *piece;
    while ((piece = batch->first) && piece->ready && (batch->stopped || !batch->waiting)) {
        batch->first = piece->next;
        if (!batch->first)
            batch->last = &batch->first;
        if (!batch->stopped)
            put_part(batch, &piece->part);
        piece_drop(piece);
    }
}

// --- in ------------------------------------------------------------------------------------------

static void piece_draw(void *arg)
{
    struct piece *piece = arg;
    const struct label_batch_plan *plan = &piece->batch->plan;
    plan->calls->make(plan->arg, &piece->part);
    label_part_draw(&piece->part, &plan->way);
}

static void piece_drawn(void *arg)
{
    struct piece *piece = arg;
    piece->ready = true;
    go(piece->batch);
}

static void piece_again(evutil_socket_t fd, short what, void *arg)
{
    struct piece *piece = arg;
    if (piece->batch->stopped)
        piece_drawn(piece);
    else
        piece_submit(piece);
}

static void piece_submit(struct piece *piece)
{
    const struct label_batch_plan *plan = &piece->batch->plan;
    if (!work_submit(plan->crew, plan->loop, piece_draw, piece_drawn, piece) &&
        event_base_once(plan->loop->base, -1, EV_TIMEOUT, piece_again, piece, &crew_is_full) != 0)
        die("out of memory");
}

static void fill_next(struct label_batch *batch)
{
    struct piece *piece = calloc(1, sizeof *piece);
    if (!piece)
        die("out of memory");
    piece->batch = batch;
    label_part_init(&piece->part, batch->plan.size);
    batch->held++;
    batch->filling = true;
    batch->plan.calls->fill(batch->plan.arg, &piece->part);
}

void label_batch_filled(struct label_part *part)
{
    struct piece *piece = container_of(part, struct piece, part);
    struct label_batch *batch = piece->batch;
    batch->filling = false;
    if (!part->input || batch->stopped) {
        batch->all_filled = true;
        piece_drop(piece);
    } else {
        *batch->last = piece;
        batch->last = &piece->next;
        piece_submit(piece);
    }
    go(batch);
}

// --- from the first to the last ------------------------------------------------------------------

static void batch_close(void *arg)
{
    struct label_batch *batch = arg;
    struct label_batch_plan plan = batch->plan;
    bool whole = !batch->stopped;
    pdf_join_finish(&batch->join);
    buf_finish(&batch->out);
    free(batch);
    plan.calls->done(plan.arg, whole);
}

static void put_tail(struct label_batch *batch)
{
    batch->tail = true;
    buf_reset(&batch->out);
    if (batch->join.at == 0)
        return;
    if (pdf_join_end(&batch->join, &batch->out))
        put(batch, &batch->out);
    else
        batch->stopped = true;
}

// Closes not at once: whoever called may stand on the batch.
static void go(struct label_batch *batch)
{
    put_ready(batch);
    while (!batch->stopped && !batch->all_filled && !batch->filling &&
           batch->held < batch->plan.parts)
        fill_next(batch);
    bool last = batch->held == 0 && batch->all_filled;
    if (last && !batch->stopped && !batch->waiting && !batch->tail)
        put_tail(batch);
    bool over = batch->stopped ? batch->held == 0 : batch->tail && !batch->waiting;
    if (over && !batch->closing) {
        batch->closing = true;
        loop_defer(batch->plan.loop, batch_close, batch);
    }
}

struct label_batch *label_batch_begin(const struct label_batch_plan *plan)
{
    struct label_batch *batch = calloc(1, sizeof *batch);
    if (!batch)
        die("out of memory");
    batch->plan = *plan;
    batch->last = &batch->first;
    go(batch);
    return batch;
}

void label_batch_go_on(struct label_batch *batch)
{
    batch->waiting = false;
    go(batch);
}

void label_batch_stop(struct label_batch *batch)
{
    batch->stopped = true;
    go(batch);
}
