#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "db_live.h"

// The embedded cluster through kill -9 and restarts, and the migrations' refusals.

static struct live live;

static int begin(void **state)
{
    (void)state;
    live_begin(&live);
    return 0;
}

static int end(void **state)
{
    (void)state;
    live_end(&live);
    return 0;
}

static bool try_sql(const char *url, const char *sql)
{
    PGconn *pg = PQconnectdb(url);
    PGresult *result = PQexec(pg, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    PQfinish(pg);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

// --- the cluster --------------------------------------------------------------------------------

static void test_private_and_safe(void **state)
{
    struct stat st;
    (void)state;
    assert_int_equal(stat(live.embedded.sockets, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_not_equal(st.st_uid, 0);
    assert_string_equal(live_sql(&live, "postgres", "show listen_addresses"), "");
    assert_string_equal(live_sql(&live, "postgres", "show fsync"), "on");
    assert_string_equal(live_sql(&live, "postgres", "show full_page_writes"), "on");
    assert_string_equal(live_sql(&live, "postgres", "show synchronous_commit"), "on");
    assert_string_equal(live_sql(&live, "postgres", "show data_checksums"), "on");
    assert_string_equal(live_sql(&live, "postgres", "show server_encoding"), "UTF8");
    assert_string_equal(live_sql(&live, "postgres", "show shared_buffers"), "85MB");
    assert_true(migrate_check_server(live.embedded.service_url));
}

static void test_one_service_a_directory(void **state)
{
    struct embedded other;
    (void)state;
    assert_false(embedded_start(&other, live.dir));
    embedded_stop(&other); // harmless
    assert_true(try_sql(live.embedded.service_url, "select 1"));
}

// As after kill -9 of the service: the lock is free, the postmaster goes on.
static void abandon(void)
{
    close(live.embedded.lock);
    close(live.embedded.log);
    live.embedded.lock = live.embedded.log = 0;
}

static void test_taken_over_when_the_service_was_killed(void **state)
{
    int postmaster = live.embedded.postmaster;
    (void)state;
    abandon();
    assert_true(embedded_start(&live.embedded, live.dir));
    assert_int_equal(live.embedded.postmaster, postmaster);
    abandon();
    conf.embedded_memory = 256; // other settings: stopped and started
    assert_true(embedded_start(&live.embedded, live.dir));
    assert_int_not_equal(live.embedded.postmaster, postmaster);
    assert_string_equal(live_sql(&live, "postgres", "show shared_buffers"), "170MB");
}

// Whether this process may look into those of other users, as root may unless it is in a container.
static void may_look_into_others(bool may)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];
    assert_int_equal(syscall(SYS_capget, &head, sets), 0);
    sets[0].effective &= ~(1U << CAP_SYS_PTRACE);
    sets[0].effective |= may ? sets[0].permitted & (1U << CAP_SYS_PTRACE) : 0;
    assert_int_equal(syscall(SYS_capset, &head, sets), 0);
}

// Never a second server on the same files.
static void test_taken_over_unseen(void **state)
{
    int postmaster = live.embedded.postmaster;
    (void)state;
    abandon();
    may_look_into_others(false);
    assert_true(embedded_start(&live.embedded, live.dir));
    assert_int_equal(live.embedded.postmaster, postmaster);
    embedded_watch(&live.embedded);
    assert_int_equal(live.embedded.postmaster, postmaster);
    may_look_into_others(true);
}

static void test_started_after_both_were_killed(void **state)
{
    char path[400], pid[16];
    (void)state;
    live_sql(&live, "dossierpost", "create table kept (n int); insert into kept values (41)");
    kill(live.embedded.postmaster, SIGKILL);
    abandon();
    assert_true(embedded_start(&live.embedded, live.dir));
    assert_string_equal(live_sql(&live, "dossierpost", "select n from kept"), "41");
    // A pid file of the time before a reboot, whose number is somebody else's now.
    embedded_stop(&live.embedded);
    snprintf(path, sizeof path, "%s/postgres/postmaster.pid", live.dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int len = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    assert_int_equal(write(fd, pid, (size_t)len), len);
    close(fd);
    assert_int_equal(chown(path, live.embedded.user.uid, live.embedded.user.gid), 0);
    assert_true(embedded_start(&live.embedded, live.dir));
    assert_int_equal(kill(getpid(), 0), 0);
}

static void test_watch_starts_it_again(void **state)
{
    (void)state;
    assert_true(live.embedded.postmaster > 1);
    kill(live.embedded.postmaster, SIGKILL);
    for (int i = 0; i < 100; i++) {
        embedded_watch(&live.embedded);
        usleep(100 * 1000);
        if (live.embedded.postmaster && try_sql(live.embedded.service_url, "select 1"))
            return;
    }
    fail_msg("the database did not come back");
}

static void test_the_log_is_bounded(void **state)
{
    struct stat st;
    char old[320];
    (void)state;
    assert_int_equal(ftruncate(live.embedded.log, 9 << 20), 0);
    embedded_watch(&live.embedded);
    assert_int_equal(fstat(live.embedded.log, &st), 0);
    assert_true(st.st_size < 1 << 20);
    snprintf(old, sizeof old, "%s/postgres.log.1", live.dir);
    assert_int_equal(stat(old, &st), 0);
    assert_true(st.st_size >= 8 << 20);
}

static void test_long_paths_get_a_short_socket(void **state)
{
    struct embedded other;
    char dir[300], long_name[101];
    (void)state;
    memset(long_name, 'x', 100);
    long_name[100] = 0;
    snprintf(dir, sizeof dir, "%s/%s", live.dir, long_name);
    assert_true(embedded_start(&other, dir));
    assert_true(strlen(other.sockets) < 60);
    assert_true(try_sql(other.service_url, "select 1"));
    embedded_stop(&other);
    embedded_stop(&other);
    rmdir(other.sockets);
}

static void test_unreachable_directory_is_told(void **state)
{
    struct embedded other;
    char dir[300], closed[290];
    (void)state;
    if (geteuid() != 0)
        skip();
    snprintf(closed, sizeof closed, "%s/closed", live.dir);
    snprintf(dir, sizeof dir, "%s/state", closed);
    assert_int_equal(mkdir(closed, 0700), 0);
    assert_false(embedded_start(&other, dir));
}

// --- servers that may forget --------------------------------------------------------------------

static void test_unsafe_servers_are_refused(void **state)
{
    char url[400];
    (void)state;
    snprintf(url, sizeof url, "%s options='-csynchronous_commit=off'", live.embedded.service_url);
    assert_false(migrate_check_server(url));
    live_sql(&live, "postgres", "alter system set fsync = off");
    live_sql(&live, "postgres", "select pg_reload_conf()");
    usleep(300 * 1000);
    assert_false(migrate_check_server(live.embedded.service_url));
    conf.database_allow_unsafe = true;
    assert_true(migrate_check_server(live.embedded.service_url));
    conf.database_allow_unsafe = false;
    live_sql(&live, "postgres", "alter system reset fsync");
    live_sql(&live, "postgres", "alter system set full_page_writes = off");
    live_sql(&live, "postgres", "select pg_reload_conf()");
    usleep(300 * 1000);
    assert_false(migrate_check_server(live.embedded.service_url));
    live_sql(&live, "postgres", "alter system reset all");
    live_sql(&live, "postgres", "select pg_reload_conf()");
    usleep(300 * 1000);
    assert_true(migrate_check_server(live.embedded.service_url));
}

// --- migrations ---------------------------------------------------------------------------------

static struct asset file(const char *name, const char *sql)
{
    return (struct asset){name, sql, strlen(sql)};
}

static bool migrate(struct asset a, struct asset b, struct asset c, int applied)
{
    struct asset files[] = {a, b, c, {0}};
    struct migrate_report report;
    bool done = migrate_run_files(live.embedded.owner_url, files, &report);
    if (done)
        assert_int_equal(report.applied, applied);
    return done;
}

static void test_migrations(void **state)
{
    struct asset none = {0};
    struct asset one = file("migrations/0001_a.sql", "create schema m; create table m.a (n int)");
    struct asset two =
        file("migrations/0002_b.sql", "alter table m.a add x text;\n-- chữ\nselect 1");
    struct asset two_changed = file("migrations/0002_b.sql", "alter table m.a add y text");
    struct asset late = file("migrations/0001b_c.sql", "select 1");
    struct asset bad =
        file("migrations/0003_d.sql", "create table m.half (n int); select no_such()");
    struct asset commits = file("migrations/0003_d.sql", "create table m.half (n int); commit");
    (void)state;
    assert_true(migrate(one, none, none, 1));
    assert_true(migrate(one, two, none, 1));
    assert_true(migrate(one, two, none, 0));
    assert_false(migrate(one, two_changed, none, 0));
    assert_false(migrate(one, late, two, 0));
    assert_false(migrate(one, none, none, 0)); // 0002 is gone
    assert_false(migrate(two, one, none, 0));  // not in order
    assert_false(migrate(one, two, file("migrations/03_x.sql", ""), 0));
    assert_false(migrate(one, two, bad, 0));
    assert_string_equal(live_sql(&live, "dossierpost", "select to_regclass('m.half') is null"),
                        "t");
    assert_false(migrate(one, two, commits, 0));
    assert_string_equal(live_sql(&live, "dossierpost", "select count(*) from migration.applied"),
                        "2");
    assert_string_equal(
        live_sql(&live, "dossierpost",
                 "select tableowner from pg_tables where schemaname = 'm' and tablename = 'a'"),
        "dossierpost_owner");
    assert_false(try_sql(live.embedded.service_url, "delete from migration.applied"));
}

// An outside database, reached by a superuser alone: the roles are made and used all the same.
static void test_migrations_by_another_login(void **state)
{
    struct asset files[] = {file("migrations/0001_a.sql", "create schema m; create table m.a ()"),
                            {0}};
    struct migrate_report report;
    char url[400];
    (void)state;
    live_sql(&live, "postgres", "create database outside");
    snprintf(url, sizeof url, "host=%s user=postgres dbname=outside", live.embedded.sockets);
    assert_true(migrate_run_files(url, files, &report));
    assert_int_equal(report.applied, 1);
    assert_string_equal(
        live_sql(&live, "outside", "select tableowner from pg_tables where schemaname = 'm'"),
        "dossierpost_owner");
}

struct runner {
    pthread_t thread;
    const char *url;
    struct migrate_report report;
    bool done;
};

static void *run_one(void *arg)
{
    struct asset files[] = {
        file("migrations/0001_a.sql", "select pg_sleep(0.5); create schema m; create table m.a ()"),
        {0}};
    struct runner *runner = arg;
    runner->done = migrate_run_files(runner->url, files, &runner->report);
    return NULL;
}

// Two services that start at once: one migrates, the other waits and finds nothing to do.
static void test_migrations_at_once(void **state)
{
    char url[400];
    (void)state;
    live_sql(&live, "postgres", "create database together");
    snprintf(url, sizeof url, "host=%s user=postgres dbname=together", live.embedded.sockets);
    struct runner runners[2] = {{.url = url}, {.url = url}};
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&runners[i].thread, NULL, run_one, &runners[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(runners[i].thread, NULL), 0);
    assert_true(runners[0].done && runners[1].done);
    assert_int_equal(runners[0].report.applied + runners[1].report.applied, 1);
    assert_int_equal(runners[0].report.present, 1);
    assert_int_equal(runners[1].report.present, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_private_and_safe),
        cmocka_unit_test(test_one_service_a_directory),
        cmocka_unit_test(test_taken_over_when_the_service_was_killed),
        cmocka_unit_test(test_taken_over_unseen),
        cmocka_unit_test(test_started_after_both_were_killed),
        cmocka_unit_test(test_watch_starts_it_again),
        cmocka_unit_test(test_the_log_is_bounded),
        cmocka_unit_test(test_long_paths_get_a_short_socket),
        cmocka_unit_test(test_unreachable_directory_is_told),
        cmocka_unit_test(test_unsafe_servers_are_refused),
        cmocka_unit_test(test_migrations),
        cmocka_unit_test(test_migrations_by_another_login),
        cmocka_unit_test(test_migrations_at_once),
    };
    return cmocka_run_group_tests_name("db_cluster", tests, begin, end);
}
