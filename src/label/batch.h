#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/loop.h"
#include "label/part.h"

// Labels by the thousand in one stream: one PDF, or what a printer is sent for each. They are taken
// in parts of some labels; several parts are drawn at once by the crew, and given out in their
// order as they come. Never more than `parts` of them exist, so a batch of any length needs the
// memory of a short one: what is not taken from it stops the drawing, and with it the filling.
// A batch lives on its loop's thread; only `make` runs on the crew's.

struct label_batch;

enum label_put { LABEL_PUT_GO_ON, LABEL_PUT_WAIT, LABEL_PUT_STOP };

struct label_batch_calls {
    // Wants the next labels: puts into part->input what `make` needs, allocated in part->arena,
    // now or later, and calls label_batch_filled. What is stopped meanwhile is never made.
    void (*fill)(void *arg, struct label_part *part);
    // On the crew: label_part_add or label_part_refuse for each of them.
    void (*make)(void *arg, struct label_part *part);
    // Takes bytes of the stream, `drawn` labels with those before. After WAIT nothing comes until
    // label_batch_go_on, which `put` itself never calls.
    enum label_put (*put)(void *arg, const void *data, size_t len, int drawn);
    // A label that was not drawn.
    void (*problem)(void *arg, const char *name, const char *problem);
    // Once, when nothing is left to do; the batch is gone then. `whole`: the stream is complete.
    // It is empty when no label at all could be drawn.
    void (*done)(void *arg, bool whole);
};

struct label_batch_plan {
    struct label_way way;
    struct loop *loop;
    struct work_crew *crew;
    int parts, size; // parts that exist at once, labels in each
    const struct label_batch_calls *calls;
    void *arg;
};

// Begins to fill at once: `fill` may be called before this returns.
struct label_batch *label_batch_begin(const struct label_batch_plan *plan);
// No `input`: there are no more labels, now or ever.
void label_batch_filled(struct label_part *part);
void label_batch_go_on(struct label_batch *batch);
// Nothing more is put; `done` follows when what is being filled and drawn has come back.
void label_batch_stop(struct label_batch *batch);
