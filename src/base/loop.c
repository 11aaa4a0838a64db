#include "base/loop.h"

#include <event2/event.h>
#include <event2/thread.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"

// --- the mailbox: tasks posted from other threads -----------------------------------------------

struct task {
    struct task *next;
    loop_task *run;
    void *arg;
};

struct queue {
    struct task *first, **last;
};

struct loop_mailbox {
    pthread_mutex_t lock;
    struct queue posted;   // guarded by lock
    struct queue deferred; // loop thread only
    struct event *wake, *end_of_turn;
    int fd;
};

static void queue_init(struct queue *queue)
{
    queue->first = NULL;
    queue->last = &queue->first;
}

static void queue_add(struct queue *queue, loop_task *run, void *arg)
{
    struct task *task = malloc(sizeof *task);
    if (!task)
        die("out of memory");
    *task = (struct task){NULL, run, arg};
    *queue->last = task;
    queue->last = &task->next;
}

static void queue_run(struct queue *queue)
{
    struct task *next;
    for (struct task *task = queue->first; task; task = next) {
        next = task->next;
        task->run(task->arg);
        free(task);
    }
}

static struct queue queue_take(struct queue *queue)
{
    struct queue taken = *queue;
    queue_init(queue);
    return taken;
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    struct loop_mailbox *box = arg;
    uint64_t count;
    (void)what;
    if (read(fd, &count, sizeof count) < 0)
        return;
    pthread_mutex_lock(&box->lock);
    struct queue taken = queue_take(&box->posted);
    pthread_mutex_unlock(&box->lock);
    queue_run(&taken);
}

static void on_end_of_turn(evutil_socket_t fd, short what, void *arg)
{
    struct loop_mailbox *box = arg;
    (void)fd;
    (void)what;
    struct queue taken = queue_take(&box->deferred);
    queue_run(&taken);
}

bool loop_init(struct loop *loop, int index)
{
    if (evthread_use_pthreads() != 0)
        return false;
    struct event_config *config = event_config_new();
    loop->index = index;
    loop->base = config ? event_base_new_with_config(config) : NULL;
    event_config_free(config);
    struct loop_mailbox *box = calloc(1, sizeof *box);
    if (!loop->base || !box)
        return false;
    // Sockets and timers have priority 1, and so has the end of the turn, which thereby comes
    // behind all that was ready when it was asked for.
    event_base_priority_init(loop->base, 2);
    pthread_mutex_init(&box->lock, NULL);
    queue_init(&box->posted);
    queue_init(&box->deferred);
    box->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    box->wake = event_new(loop->base, box->fd, EV_READ | EV_PERSIST, on_wake, box);
    box->end_of_turn = event_new(loop->base, -1, 0, on_end_of_turn, box);
    loop->mailbox = box;
    if (box->fd < 0 || !box->wake || !box->end_of_turn)
        return false;
    event_priority_set(box->wake, 0);
    event_priority_set(box->end_of_turn, 1);
    return event_add(box->wake, NULL) == 0;
}

void loop_settle(struct loop *loop)
{
    while (loop->mailbox->posted.first) {
        struct queue taken = queue_take(&loop->mailbox->posted);
        queue_run(&taken);
    }
}

void loop_finish(struct loop *loop)
{
    struct loop_mailbox *box = loop->mailbox;
    if (box) {
        loop_settle(loop);
        queue_run(&box->deferred);
        event_free(box->wake);
        event_free(box->end_of_turn);
        close(box->fd);
        pthread_mutex_destroy(&box->lock);
        free(box);
    }
    if (loop->base)
        event_base_free(loop->base);
    *loop = (struct loop){0};
}

void loop_run(struct loop *loop)
{
    event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

static void stop(void *base)
{
    event_base_loopbreak(base);
}

void loop_stop(struct loop *loop)
{
    loop_post(loop, stop, loop->base);
}

void loop_post(struct loop *loop, loop_task *task, void *arg)
{
    struct loop_mailbox *box = loop->mailbox;
    uint64_t one = 1;
    pthread_mutex_lock(&box->lock);
    bool first = box->posted.first == NULL;
    queue_add(&box->posted, task, arg);
    pthread_mutex_unlock(&box->lock);
    if (first && write(box->fd, &one, sizeof one) < 0)
        log_error("loop", NULL, "the loop cannot be woken");
}

void loop_defer(struct loop *loop, loop_task *task, void *arg)
{
    struct loop_mailbox *box = loop->mailbox;
    if (!box->deferred.first)
        event_active(box->end_of_turn, EV_TIMEOUT, 0);
    queue_add(&box->deferred, task, arg);
}
