#pragma once
#include <stdbool.h>

#include "base/compiler.h"

// One event loop a thread, and a small bounded crew of worker threads for what would block a loop
// (argon2, rendering, printing).

struct event_base;

struct loop {
    int index;
    struct event_base *base;
    struct loop_mailbox *mailbox;
};

must_check bool loop_init(struct loop *loop, int index);
void loop_finish(struct loop *loop);
void loop_run(struct loop *loop);  // until loop_stop
void loop_stop(struct loop *loop); // from any thread

typedef void loop_task(void *arg);

// Runs task(arg) on the loop's thread, in order of posting. From any thread.
void loop_post(struct loop *loop, loop_task *task, void *arg);
// Runs what was posted and not yet run. Only when no loop runs any more; before what the tasks need
// is taken down.
void loop_settle(struct loop *loop);
// Runs task(arg) at the end of the loop's current turn. Loop thread only.
void loop_defer(struct loop *loop, loop_task *task, void *arg);

struct work_crew;

must_check struct work_crew *work_create(int threads, int queue_max);
void work_destroy(struct work_crew *crew); // finishes what was accepted
// Runs job(arg) on a worker, then done(arg) on `loop`. False when the queue is full: answer 503.
must_check bool work_submit(struct work_crew *crew, struct loop *loop, loop_task *job,
                            loop_task *done, void *arg);
