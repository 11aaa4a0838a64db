#include "cmd/serve.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/keyring.h"
#include "base/log.h"
#include "base/seal.h"
#include "cmd/capabilities.h"
#include "cmd/demo.h"
#include "cmd/keys.h"
#include "cmd/migrate.h"
#include "cmd/ready.h"
#include "db/db.h"
#include "db/embedded.h"
#include "db/listen.h"
#include "http/assets.h"
#include "http/capability.h"
#include "http/server.h"

enum { LOOPS_MAX = 64, FILES_APART = 256 }; // files that are no connections of clients

static struct {
    struct embedded embedded;
    struct work_crew *crew;
    struct listener *notices;
    struct app_loop apps[LOOPS_MAX];
    pthread_t threads[LOOPS_MAX];
    int count;
    struct event *signals[2], *second;
    atomic_int draining; // loops that still have something in flight
    atomic_int beats;    // loops that have answered since the last ping of the watchdog
    int64_t stop_at;     // clock_monotonic by which a stop must be over; 0: not stopping
} serve;

static volatile sig_atomic_t signalled_early;

// --- stopping ------------------------------------------------------------------------------------

static void stop_loops(void)
{
    for (int i = 0; i < serve.count; i++)
        loop_stop(&serve.apps[i].loop);
}

// A reply may be out and its write committed, but what nobody waits for must end too. All loops run
// until the last has ended: the first of them keeps the time.
static void on_idle_check(evutil_socket_t fd, short what, void *arg)
{
    struct app_loop *app = arg;
    struct timeval soon = {.tv_usec = 10000};
    if (!db_idle(app->db) && clock_monotonic() < serve.stop_at)
        event_base_once(app->loop.base, -1, EV_TIMEOUT, on_idle_check, app, &soon);
    else if (atomic_fetch_sub(&serve.draining, 1) == 1)
        stop_loops();
}

static void on_drained(void *arg)
{
    on_idle_check(-1, 0, arg);
}

static void drain(void *arg)
{
    struct app_loop *app = arg;
    http_drain(app, on_drained, app);
}

static void begin_stop(int signal)
{
    log_info("main", NULL, "signal %d: finishing what is in flight", signal);
    sd_notify(0, "STOPPING=1");
    serve.stop_at = clock_monotonic() + conf.stop_timeout * 1000000;
    atomic_store(&serve.draining, serve.count);
    for (int i = 0; i < serve.count; i++)
        loop_post(&serve.apps[i].loop, drain, &serve.apps[i]);
}

static void on_signal(evutil_socket_t signal, short what, void *arg)
{
    if (serve.stop_at) {
        log_warn("main", NULL, "second signal: ending at once");
        _exit(1);
    }
    begin_stop((int)signal);
}

// Before the loops run: the database must not be left half started, so the stop comes right after.
static void on_early_signal(int signal)
{
    if (signalled_early)
        _exit(1);
    signalled_early = signal;
}

// A client that never takes its reply must not keep the service from stopping.
static void stop_overdue(void)
{
    if (!serve.stop_at || clock_monotonic() < serve.stop_at)
        return;
    log_warn("main", NULL, "some requests did not end within %lld s", (long long)conf.stop_timeout);
    stop_loops();
}

static void beat(void *arg)
{
    atomic_fetch_add(&serve.beats, 1);
}

// The service manager hears of us as long as every loop turns.
static void ping_watchdog(void)
{
    if (atomic_load(&serve.beats) < serve.count)
        return;
    sd_notify(0, "WATCHDOG=1");
    atomic_store(&serve.beats, 0);
    for (int i = 0; i < serve.count; i++)
        loop_post(&serve.apps[i].loop, beat, NULL);
}

static void on_second(evutil_socket_t fd, short what, void *arg)
{
    embedded_watch(&serve.embedded);
    keyrings_refresh(conf.state_dir);
    ping_watchdog();
    stop_overdue();
}

// --- starting ------------------------------------------------------------------------------------

static bool open_loop(int index)
{
    struct app_loop *app = &serve.apps[index];
    if (!loop_init(&app->loop, index))
        return false;
    if (index == 0 && !(serve.notices = listener_create(&app->loop)))
        return false;
    app->crew = serve.crew;
    app->notices = serve.notices;
    app->db = db_create(&app->loop);
    if (!app->db || !http_listen(app))
        return false;
    serve.count = index + 1;
    for (const struct capability *const *cap = capabilities; *cap; cap++) {
        if ((*cap)->open && !(*cap)->open(app))
            return false;
    }
    return true;
}

static bool open_loops(void)
{
    int wanted = conf.loops ? (int)conf.loops : (int)sysconf(_SC_NPROCESSORS_ONLN);
    for (int i = 0; i < wanted && i < LOOPS_MAX; i++) {
        if (!open_loop(i))
            return false;
    }
    return true;
}

static bool set_up(void)
{
    route_add(ops_routes);
    route_add(page_routes);
    route_add(openapi_routes);
    route_add(assets_routes);
    route_add(ready_routes);
    for (const struct capability *const *cap = capabilities; *cap; cap++) {
        if ((*cap)->setup && !(*cap)->setup())
            return false;
        if ((*cap)->routes)
            route_add((*cap)->routes);
    }
    if (!keys_fit())
        return false;
    serve.crew = work_create((int)conf.workers, 256);
    return serve.crew != NULL;
}

static void raise_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < (rlim_t)conf.connections + FILES_APART)
        log_warn("main", NULL, "only %llu files may be open; server.connections is %lld",
                 (unsigned long long)limit.rlim_cur, (long long)conf.connections);
}

static bool watch_signals(void)
{
    static const int wanted[] = {SIGTERM, SIGINT};
    struct event_base *base = serve.apps[0].loop.base;
    struct timeval second = {.tv_sec = 1};
    for (int i = 0; i < 2; i++) {
        serve.signals[i] = evsignal_new(base, wanted[i], on_signal, NULL);
        if (!serve.signals[i] || event_add(serve.signals[i], NULL) != 0)
            return false;
    }
    serve.beats = serve.count;
    serve.second = event_new(base, -1, EV_PERSIST, on_second, NULL);
    return serve.second && event_add(serve.second, &second) == 0;
}

static void *run_loop(void *arg)
{
    struct app_loop *app = arg;
    loop_run(&app->loop);
    return NULL;
}

// The first loop runs on the main thread, with the signals.
static void run_loops(void)
{
    sigset_t signals, before;
    sigfillset(&signals);
    pthread_sigmask(SIG_SETMASK, &signals, &before);
    for (int i = 1; i < serve.count; i++) {
        if (pthread_create(&serve.threads[i], NULL, run_loop, &serve.apps[i]) != 0)
            die("cannot start a thread for each loop");
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    run_loop(&serve.apps[0]);
    for (int i = 1; i < serve.count; i++)
        pthread_join(serve.threads[i], NULL);
}

static void announce(void)
{
    printf("listening on %s\n", http_address());
    bool anywhere =
        strncmp(conf.listen, "0.0.0.0:", 8) == 0 || strncmp(conf.listen, "[::]:", 5) == 0;
    if (anywhere && !conf.public_url[0])
        log_warn("main", NULL, "public_url is empty: links and QR codes will name %s",
                 http_address());
    if (conf.demo)
        demo_print_logins();
    fflush(stdout);
    sd_notify(0, "READY=1");
}

// --- ending --------------------------------------------------------------------------------------

static void close_all(void)
{
    work_destroy(serve.crew);
    listener_destroy(serve.notices);
    for (int i = 0; i < serve.count; i++)
        loop_settle(&serve.apps[i].loop);
    for (int i = 0; i < serve.count; i++) {
        struct app_loop *app = &serve.apps[i];
        http_close(app);
        db_destroy(app->db);
        for (const struct capability *const *cap = capabilities; *cap; cap++) {
            if ((*cap)->close)
                (*cap)->close(app);
        }
    }
    for (int i = 0; i < 2 && serve.signals[i]; i++)
        event_free(serve.signals[i]);
    if (serve.second)
        event_free(serve.second);
    for (int i = 0; i < serve.count; i++)
        loop_finish(&serve.apps[i].loop);
    libevent_global_shutdown();
}

static bool start(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, on_early_signal);
    signal(SIGINT, on_early_signal);
    raise_files();
    if (!database_open_migrated(&serve.embedded) || !seal_setup(conf.state_dir))
        return false;
    if (conf.demo &&
        !demo_load(conf.database_owner_url[0] ? conf.database_owner_url : conf.database_url))
        return false;
    return set_up() && open_loops() && watch_signals() && embedded_become_user(&serve.embedded);
}

const char cmd_serve_usage[] = "usage: dossierpost serve [options]\n"
                               "dossierpost serve takes options only; see dossierpost help\n";

int cmd_serve(int argc, char **argv)
{
    if (argc > 1) {
        fputs(cmd_serve_usage, stderr);
        return 2;
    }
    bool good = start();
    if (good) {
        if (signalled_early)
            begin_stop((int)signalled_early);
        else
            announce();
        run_loops();
        close_all();
    }
    embedded_stop(&serve.embedded);
    return good ? 0 : 1;
}
