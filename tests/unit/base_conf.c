#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/conf.h"

static bool load(const char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    return conf_load(&argc, (char **)argv);
}

static void test_precedence(void **state)
{
    (void)state;
    char path[] = "/tmp/dossierpost-conf-XXXXXX";
    int fd = mkstemp(path);
    const char *text =
        "listen = 127.0.0.1:1\n[server]\nloops = 3\nidle_timeout = 9\n[log]\nlevel = warn\n";
    assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    setenv("DOSSIERPOST_SERVER_LOOPS", "4", 1);
    setenv("DOSSIERPOST_LISTEN", "127.0.0.1:2", 1);
    const char *argv[] = {"x",      "serve", "--config", path, "--listen=127.0.0.1:3",
                          "--demo", "left",  NULL};
    assert_true(load(argv));
    unsetenv("DOSSIERPOST_SERVER_LOOPS");
    unsetenv("DOSSIERPOST_LISTEN");
    unlink(path);
    assert_string_equal(conf.listen, "127.0.0.1:3");
    assert_int_equal(conf.loops, 4);
    assert_int_equal(conf.idle_timeout, 9);
    assert_string_equal(conf.log_level, "warn");
    assert_int_equal(conf.connections, 10000);
    assert_true(conf.demo);
    assert_string_equal(argv[1], "serve");
    assert_string_equal(argv[2], "left");
    assert_null(argv[3]);
}

static void test_refuses(void **state)
{
    (void)state;
    const char *bad[][4] = {
        {"x", "--server-loops", "65", NULL},
        {"x", "--server-loops", "two", NULL},
        {"x", "--server-loops", NULL, NULL},
        {"x", "--demo=maybe", NULL, NULL},
        {"x", "--log-level=loud", NULL, NULL},
        {"x", "--public-url=ftp://a", NULL, NULL},
        {"x", "--public-url=https://a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r", NULL, NULL},
        {"x", "--config", NULL, NULL},
        {"x", "--config", "/nonexistent/file", NULL}};
    for (size_t i = 0; i < countof(bad); i++)
        assert_false(load(bad[i]));
}

static bool load_text(const char *text)
{
    char path[] = "/tmp/dossierpost-conf-XXXXXX";
    int fd = mkstemp(path);
    assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    const char *argv[] = {"x", "--config", path, NULL};
    bool good = load(argv);
    unlink(path);
    return good;
}

static void test_refuses_files(void **state)
{
    (void)state;
    char line[600] = "[database]\nurl = ";
    memset(line + strlen(line), 'x', 500);
    assert_false(load_text(line)); // would be cut
    assert_false(load_text("[server]\nloop = 1\n"));
    assert_false(load_text("loops\n"));
    assert_false(load_text("[server]\nloops = 1\nloops = many\n"));
    assert_true(load_text("listen = 1.2.3.4:5\n  demo = true\n[server]\n\tloops = 2"));
    assert_string_equal(conf.listen, "1.2.3.4:5"); // an indented line does not continue
    assert_true(conf.demo);
    assert_int_equal(conf.loops, 2);
}

static void test_finishes(void **state)
{
    (void)state;
    const char *argv[] = {"x", "--public-url", "https://hs.example.vn//", "--", "--demo", NULL};
    assert_true(load(argv));
    assert_string_equal(conf.public_url, "https://hs.example.vn");
    assert_true(conf.state_dir[0] == '/');
    assert_false(conf.demo); // behind --
    assert_string_equal(argv[2], "--demo");
}

static void test_sample_has_every_section_once(void **state)
{
    (void)state;
    struct buf out = {0};
    conf_print_sample(&out);
    const char *server = strstr(out.data, "[server]");
    assert_non_null(server);
    assert_null(strstr(server + 1, "[server]"));
    assert_non_null(strstr(out.data, "#readers = 2"));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_refuses_files),
        cmocka_unit_test(test_finishes),
        cmocka_unit_test(test_sample_has_every_section_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
