#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/log.h"

// What the last call wrote to standard error.
static char told[4096];
static int stderr_before, reader;

static void catch_stderr(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    stderr_before = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    reader = ends[0];
}

static const char *release_stderr(void)
{
    dup2(stderr_before, STDERR_FILENO);
    close(stderr_before);
    ssize_t len = read(reader, told, sizeof told - 1);
    told[len > 0 ? len : 0] = '\0';
    close(reader);
    return told;
}

static void test_a_line_an_event(void **state)
{
    log_setup(LOG_INFO, false);
    catch_stderr();
    log_debug("x", NULL, "not told");
    log_warn("scan", "req=01 unit=46-H1", "túi %d", 7);
    const char *line = release_stderr();
    assert_non_null(strstr(line, " warn scan req=01 unit=46-H1: túi 7\n"));
    assert_null(strstr(line, "not told"));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void test_nothing_forges_a_line(void **state)
{
    log_setup(LOG_INFO, false);
    catch_stderr();
    log_info("x", "req=a\nb", "one\ntwo\x1b[31m\x7f \xc2\x9b \xff\xc3");
    assert_non_null(strstr(release_stderr(), " info x req=a b: one two [31m     ??\n"));
}

static void test_long_text_is_cut(void **state)
{
    char text[3000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    log_setup(LOG_INFO, true);
    catch_stderr();
    log_info("x", text, "%sđ", text);
    json_t *line = json_loads(release_stderr(), 0, NULL);
    assert_non_null(line);
    json_decref(line);
}

static void test_json(void **state)
{
    log_setup(LOG_INFO, true);
    catch_stderr();
    log_error("db", "conn=1 state=\"odd\"", "says \"no\"\n\xe1\xbb");
    json_t *line = json_loads(release_stderr(), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(line);
    const char *at, *level, *area, *conn, *quoted, *text;
    assert_int_equal(json_unpack(line, "{s:s, s:s, s:s, s:s, s:s, s:s}", "at", &at, "level", &level,
                                 "area", &area, "conn", &conn, "state", &quoted, "text", &text),
                     0);
    assert_int_equal(strlen(at), strlen("2026-11-23T09:15:00.123+07:00"));
    assert_string_equal(level, "error");
    assert_string_equal(area, "db");
    assert_string_equal(conn, "1");
    assert_string_equal(quoted, "\"odd\"");
    assert_string_equal(text, "says \"no\" ??");
    json_decref(line);
}

static void test_die_ends_with_status_1(void **state)
{
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO);
        die("%s", "told to nobody");
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_an_event),        cmocka_unit_test(test_nothing_forges_a_line),
        cmocka_unit_test(test_long_text_is_cut),       cmocka_unit_test(test_json),
        cmocka_unit_test(test_die_ends_with_status_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
