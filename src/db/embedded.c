#include "db/embedded.h"

#include <dirent.h>
#include <errno.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "db/embedded_parts.h"

enum {
    STEP = 20 * 1000,           // between two looks, microseconds
    SILENCE_MAX = 60 * 1000000, // a start that neither answers nor recovers
    RECOVERY_MAX = 3600 * 1000000LL,
    STOP_MAX = 120 * 1000000,
    LASTED = 60 * 1000000, // a start that held so long counts as good
    RETRY_MAX = 30 * 1000000,
};

static void rest(void)
{
    usleep(STEP);
}

// Root without CAP_SYS_PTRACE, as in most containers, may not look where another user's process
// works; what it was started with is everybody's to read.
static bool started_as(int pid, const char *what)
{
    char path[40], line[1024];
    size_t len = strlen(what);
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    FILE *file = fopen(path, "re");
    size_t got = file ? fread(line, 1, sizeof line, file) : 0;
    if (file)
        fclose(file);
    return memmem(line, got, what, len) != NULL;
}

// Whether `pid` is a process of a server on our data: numbers are used again after a crash or
// reboot. *hidden: whether that is only known by what it was started with.
static bool works_at(const struct embedded *e, int pid, bool *hidden)
{
    char link[40], cwd[300];
    snprintf(link, sizeof link, "/proc/%d/cwd", pid);
    ssize_t got = readlink(link, cwd, sizeof cwd - 1);
    *hidden = got < 0 && errno == EACCES;
    if (*hidden)
        return started_as(pid, e->data);
    if (got <= 0)
        return false;
    cwd[got] = 0;
    return strcmp(cwd, e->data) == 0;
}

static bool works_here(const struct embedded *e, int pid)
{
    bool hidden;
    return works_at(e, pid, &hidden);
}

// A server's child no longer says what it was started with.
static bool may_work_here(const struct embedded *e, int pid)
{
    bool hidden;
    return works_at(e, pid, &hidden) || (hidden && started_as(pid, "postgres: "));
}

// The postmaster that postmaster.pid names, when it lives; else 0.
static int postmaster_found(const struct embedded *e)
{
    char path[300], text[24] = "";
    snprintf(path, sizeof path, "%s/postmaster.pid", e->data);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    const char *line = fgets(text, sizeof text, file);
    fclose(file);
    int pid = line ? (int)strtol(line, NULL, 10) : 0;
    return pid > 1 && works_here(e, pid) ? pid : 0;
}

static bool any_process(const struct embedded *e)
{
    DIR *dir = opendir("/proc");
    bool found = !dir; // who cannot know removes nothing
    for (struct dirent *row = dir ? readdir(dir) : NULL; row && !found; row = readdir(dir))
        found = row->d_name[0] > '0' && row->d_name[0] <= '9' &&
                may_work_here(e, (int)strtol(row->d_name, NULL, 10));
    if (dir)
        closedir(dir);
    return found;
}

static void remove_stale(const char *folder, const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (unlink(path) == 0)
        log_info("embedded", NULL, "removed the stale %s", path);
}

// The lock files are stale when no process works in the cluster. PostgreSQL itself only sees
// whether the number is taken, also by a zombie nobody collects or by another cluster after a
// reboot.
static void locks_clear(const struct embedded *e)
{
    if (any_process(e))
        return;
    remove_stale(e->data, "postmaster.pid");
    remove_stale(e->sockets, ".s.PGSQL.5432.lock");
}

static bool postmaster_lives(struct embedded *e)
{
    if (e->postmaster <= 0)
        return false;
    if (!e->child)
        return works_here(e, e->postmaster);
    int status;
    pid_t got = waitpid(e->postmaster, &status, WNOHANG);
    return got == 0 || (got < 0 && errno == EINTR);
}

static bool postmaster_fork(struct embedded *e)
{
    char program[280], settings[300], access_rules[300];
    snprintf(program, sizeof program, "%s/postgres", e->bin);
    snprintf(settings, sizeof settings, "config_file=%s/postgres.conf", e->state);
    snprintf(access_rules, sizeof access_rules, "hba_file=%s/postgres.hba", e->state);
    char *argv[] = {program,  (char *)"-D", e->data,      (char *)"-c",
                    settings, (char *)"-c", access_rules, NULL};
    locks_clear(e);
    e->postmaster = child_spawn(&e->user, argv, e->log);
    e->child = true;
    e->born_at = clock_monotonic();
    return e->postmaster > 0;
}

static PGPing ping(const struct embedded *e)
{
    char url[320];
    embedded_url(e, "postgres", "postgres connect_timeout=2", url, sizeof url);
    return PQping(url);
}

// After a kill -9 the old server's processes may hold its shared memory for a moment: a start that
// ended at once is tried again for a while.
static bool start_again(struct embedded *e, int64_t began)
{
    if (clock_monotonic() - began > SILENCE_MAX / 4 || ++e->failures > 20)
        return false;
    usleep(250 * 1000);
    return postmaster_fork(e);
}

static bool postmaster_ready(struct embedded *e)
{
    int64_t began = clock_monotonic();
    bool told = false;
    for (;; rest()) {
        int64_t waited = clock_monotonic() - began;
        if (!postmaster_lives(e) && !(e->child && start_again(e, began))) {
            log_error("embedded", NULL, "PostgreSQL ended while it started; its last lines:");
            break;
        }
        PGPing heard = ping(e);
        if (heard == PQPING_OK)
            return true;
        if (heard == PQPING_REJECT && waited > 1000000 && !told) {
            log_info("embedded", NULL, "the database recovers from its log");
            told = true;
        }
        if (waited > (heard == PQPING_REJECT ? RECOVERY_MAX : SILENCE_MAX)) {
            log_error("embedded", NULL,
                      "PostgreSQL did not answer on %s within %lld s; its last lines:", e->sockets,
                      (long long)(waited / 1000000));
            break;
        }
    }
    embedded_log_tail(e);
    return false;
}

static bool ended_within(struct embedded *e, int64_t patience)
{
    int64_t began = clock_monotonic();
    for (; clock_monotonic() - began < patience; rest()) {
        if (!postmaster_lives(e))
            return true;
    }
    return false;
}

static void postmaster_stop(struct embedded *e)
{
    if (!postmaster_lives(e))
        return;
    kill(e->postmaster, SIGCONT);
    kill(e->postmaster, SIGINT);
    if (ended_within(e, STOP_MAX))
        return;
    log_warn("embedded", NULL, "PostgreSQL did not stop in %d s: stopping it at once",
             STOP_MAX / 1000000);
    kill(e->postmaster, SIGQUIT);
    if (!ended_within(e, STOP_MAX / 10))
        log_error("embedded", NULL, "PostgreSQL (process %d) does not stop", e->postmaster);
}

// One that a killed service left behind goes on serving, unless it runs with other settings.
static bool postmaster_take_over(struct embedded *e, bool changed)
{
    e->postmaster = postmaster_found(e);
    e->child = false;
    if (!e->postmaster)
        return false;
    PGPing heard = ping(e);
    if (!changed && (heard == PQPING_OK || heard == PQPING_REJECT)) {
        log_info("embedded", NULL, "taking over the running database (process %d)", e->postmaster);
        e->born_at = clock_monotonic();
        return true;
    }
    log_info("embedded", NULL, "stopping the database left running (process %d)", e->postmaster);
    postmaster_stop(e);
    return false;
}

static bool postmaster_start(struct embedded *e)
{
    bool changed;
    if (!embedded_settings(e, &changed))
        return false;
    if (!postmaster_take_over(e, changed) && !postmaster_fork(e))
        return false;
    return postmaster_ready(e);
}

bool embedded_start(struct embedded *e, const char *state_dir)
{
    *e = (struct embedded){0};
    int64_t began = clock_monotonic();
    if (!child_user_find(&e->user, conf.embedded_user) || !embedded_place(e, state_dir) ||
        !embedded_programs(e) || !embedded_initdb(e) || !postmaster_start(e) ||
        !embedded_roles(e)) {
        embedded_stop(e);
        return false;
    }
    e->failures = 0;
    embedded_url(e, "dossierpost_service", "dossierpost", e->service_url, sizeof e->service_url);
    embedded_url(e, "dossierpost_owner", "dossierpost", e->owner_url, sizeof e->owner_url);
    log_info("embedded", NULL, "database ready in %s after %lld ms (process %d)", e->data,
             (long long)(clock_monotonic() - began) / 1000, e->postmaster);
    return true;
}

bool embedded_become_user(struct embedded *e)
{
    if (!e->user.change)
        return true;
    if (!embedded_log_give(e) || !child_user_become(&e->user))
        return false;
    log_info("embedded", NULL, "root no more, but user \"%s\" as the database", e->user.name);
    return true;
}

void embedded_stop(struct embedded *e)
{
    if (!e)
        return;
    postmaster_stop(e);
    e->postmaster = 0;
    embedded_place_leave(e);
}

static void fork_later(struct embedded *e)
{
    int64_t now = clock_monotonic();
    int64_t pause = now - e->born_at > LASTED ? 0 : 250000LL << (e->failures < 8 ? e->failures : 8);
    e->failures = now - e->born_at > LASTED ? 0 : e->failures + 1;
    e->again_at = now + (pause < RETRY_MAX ? pause : RETRY_MAX);
    log_error("embedded", NULL, "PostgreSQL (process %d) has died; starting it again in %lld ms",
              e->postmaster, (long long)(e->again_at - now) / 1000);
    embedded_log_tail(e);
    e->postmaster = 0;
}

void embedded_watch(struct embedded *e)
{
    if (e->lock <= 0)
        return;
    embedded_log_trim(e);
    if (e->postmaster && !postmaster_lives(e))
        fork_later(e);
    if (!e->postmaster && clock_monotonic() >= e->again_at && postmaster_fork(e))
        log_info("embedded", NULL, "PostgreSQL started (process %d)", e->postmaster);
}
