#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/metrics.h"

static struct buf out;

static void prints(const char *line)
{
    buf_reset(&out);
    metrics_print(&out);
    if (!strstr(out.data, line))
        fail_msg("no \"%s\" in\n%s", line, out.data);
}

static void test_counters_and_gauges(void **state)
{
    prints("# TYPE dossierpost_scans_recorded_total counter\ndossierpost_scans_recorded_total 0\n");
    metric_add(METRIC_scans_recorded, 2);
    metric_add(METRIC_scans_recorded, 3);
    metric_set(METRIC_http_connections, 9);
    metric_add(METRIC_http_connections, -2);
    assert_int_equal(metric_get(METRIC_scans_recorded), 5);
    prints("\ndossierpost_scans_recorded_total 5\n");
    prints("# TYPE dossierpost_http_connections gauge\ndossierpost_http_connections 7\n");
}

static void test_histograms_are_cumulative(void **state)
{
    metric_observe(METRIC_http_seconds, 500);
    metric_observe(METRIC_http_seconds, 501);
    metric_observe(METRIC_http_seconds, 60000000);
    prints("# TYPE dossierpost_http_seconds histogram\n"
           "dossierpost_http_seconds_bucket{le=\"0.0005\"} 1\n"
           "dossierpost_http_seconds_bucket{le=\"0.001\"} 2\n");
    prints("dossierpost_http_seconds_bucket{le=\"10\"} 2\n"
           "dossierpost_http_seconds_bucket{le=\"+Inf\"} 3\n"
           "dossierpost_http_seconds_sum 60.001001\n"
           "dossierpost_http_seconds_count 3\n");
}

// The text format wants HELP and TYPE once, directly before the samples of their family.
static void test_every_family_is_told_once(void **state)
{
    buf_reset(&out);
    metrics_print(&out);
    int helps = 0, types = 0;
    for (const char *line = out.data; *line; line = strchr(line, '\n') + 1) {
        helps += strncmp(line, "# HELP ", 7) == 0;
        types += strncmp(line, "# TYPE ", 7) == 0;
        assert_int_equal(helps - types, strncmp(line, "# HELP ", 7) == 0);
    }
    assert_int_equal(helps, METRIC_COUNT);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counters_and_gauges),
        cmocka_unit_test(test_histograms_are_cumulative),
        cmocka_unit_test(test_every_family_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
