#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "load.h"

static uint32_t *latencies;
static size_t count, cap;
static int64_t from, to, measured, requests, failures, late, recorded, exceptions, received;
static char last_failure[400]; // as it began

void report_begin(int64_t measured_from, int64_t until)
{
    from = measured_from;
    to = until;
}

void report_late(void)
{
    late++;
}

void report_scans(int good, int odd)
{
    recorded += good;
    exceptions += odd;
}

void report_reply(int64_t intended, const char *reply, bool good, size_t bytes)
{
    int64_t now = clock_monotonic();
    requests++;
    if (!good) {
        failures++;
        snprintf(last_failure, sizeof last_failure, "%.399s", reply);
    }
    if (now < from || now > to)
        return;
    measured += opt.scans;
    received += (int64_t)bytes;
    if (count == cap) {
        cap = cap ? 2 * cap : 1 << 16;
        latencies = realloc(latencies, cap * sizeof *latencies);
        if (!latencies)
            die("out of memory");
    }
    latencies[count++] = (uint32_t)(now - intended);
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double quantile(double q)
{
    return count ? latencies[(size_t)(q * (double)(count - 1))] / 1000.0 : 0;
}

static double cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

bool report_print(void)
{
    if (count)
        qsort(latencies, count, sizeof *latencies, by_size);
    printf("{\"per_second\":%.0f,\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%.3f,"
           "\"requests\":%lld,\"bytes_per_second\":%.0f,\"sent\":%lld,\"recorded\":%lld,"
           "\"exceptions\":%lld,"
           "\"failures\":%lld,\"late\":%lld,\"cpu\":%.2f}\n",
           (double)measured / opt.seconds, quantile(0.5), quantile(0.9), quantile(0.99),
           quantile(1), (long long)requests, (double)received / opt.seconds,
           (long long)requests * opt.scans, (long long)recorded, (long long)exceptions,
           (long long)failures, (long long)late, cpu_seconds());
    if (failures)
        fprintf(stderr, "last failure: %s\n", last_failure);
    free(latencies);
    return failures == 0;
}
