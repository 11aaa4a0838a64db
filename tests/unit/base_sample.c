// The sample configuration is the option table's own, and reading it changes nothing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/assets.h"
#include "base/buf.h"
#include "base/conf.h"

static void sample_is_current(void **state)
{
    struct buf out = {0};
    conf_print_sample(&out);
    const struct asset *asset = asset_find("conf/dossierpost.conf.sample");
    assert_non_null(asset);
    assert_string_equal(asset->data, out.data);
    buf_finish(&out);
}

// Every line "#name = default" made live again.
static void write_live_sample(const char *path)
{
    struct buf out = {0};
    conf_print_sample(&out);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (const char *line = out.data; *line; line += strcspn(line, "\n") + 1) {
        int len = (int)strcspn(line, "\n");
        if (strncmp(line, "# ", 2) != 0)
            fprintf(file, "%.*s\n", len - (*line == '#'), line + (*line == '#'));
    }
    fclose(file);
    buf_finish(&out);
}

static void sample_is_readable(void **state)
{
    char path[] = "/tmp/dossierpost-sample-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    write_live_sample(path);
    char program[] = "dossierpost", config[] = "--config", *bare[] = {program, NULL};
    char *argv[] = {program, config, path, NULL};
    int bare_argc = 1, argc = 3;
    assert_true(conf_load(&bare_argc, bare));
    struct conf before = conf;
    assert_true(conf_load(&argc, argv));
    unlink(path);
    assert_int_equal(argc, 1);
    assert_string_equal(conf.listen, before.listen);
    assert_string_equal(conf.log_format, before.log_format);
    assert_string_equal(conf.metrics_allow, before.metrics_allow);
    assert_string_equal(conf.database_url, "");
    assert_int_equal(conf.login_attempts, before.login_attempts);
    assert_int_equal(conf.embedded_memory, before.embedded_memory);
    assert_false(conf.demo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_is_current),
        cmocka_unit_test(sample_is_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
