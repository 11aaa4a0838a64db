#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/loop.h"

// The worker threads declared in base/loop.h.

struct job {
    struct job *next;
    struct loop *loop;
    loop_task *run, *done;
    void *arg;
};

struct work_crew {
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    struct job *first, **last;
    int waiting, waiting_max, threads;
    bool ending;
    pthread_t list[];
};

static struct job *take(struct work_crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    while (!crew->first && !crew->ending)
        pthread_cond_wait(&crew->wanted, &crew->lock);
    struct job *job = crew->first;
    if (job) {
        crew->first = job->next;
        crew->waiting--;
        if (!crew->first)
            crew->last = &crew->first;
    }
    pthread_mutex_unlock(&crew->lock);
    return job;
}

static void *worker(void *arg)
{
    for (struct job *job; (job = take(arg));) {
        job->run(job->arg);
        loop_post(job->loop, job->done, job->arg);
        free(job);
    }
    return NULL;
}

struct work_crew *work_create(int threads, int queue_max)
{
    struct work_crew *crew = calloc(1, sizeof *crew + (size_t)threads * sizeof(pthread_t));
    sigset_t all, before;
    if (!crew)
        return NULL;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->wanted, NULL);
    crew->last = &crew->first;
    crew->waiting_max = queue_max;
    sigfillset(&all); // signals belong to the loops
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (crew->threads < threads &&
           pthread_create(&crew->list[crew->threads], NULL, worker, crew) == 0)
        crew->threads++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (crew->threads == threads)
        return crew;
    work_destroy(crew);
    return NULL;
}

void work_destroy(struct work_crew *crew)
{
    if (!crew)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->ending = true;
    pthread_cond_broadcast(&crew->wanted);
    pthread_mutex_unlock(&crew->lock);
    for (int i = 0; i < crew->threads; i++)
        pthread_join(crew->list[i], NULL);
    pthread_cond_destroy(&crew->wanted);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

bool work_submit(struct work_crew *crew, struct loop *loop, loop_task *job_run, loop_task *done,
                 void *arg)
{
    struct job *job = malloc(sizeof *job);
    if (!job)
        die("out of memory");
    *job = (struct job){NULL, loop, job_run, done, arg};
    pthread_mutex_lock(&crew->lock);
    bool room = crew->waiting < crew->waiting_max && !crew->ending;
    if (room) {
        *crew->last = job;
        crew->last = &job->next;
        crew->waiting++;
        pthread_cond_signal(&crew->wanted);
    }
    pthread_mutex_unlock(&crew->lock);
    if (!room)
        free(job);
    return room;
}
