#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "load.h"

static uint32_t *latencies;
static size_t count, cap;
static int64_t from, to, measured, requests, failures, late, recorded, exceptions;
static char last_failure[400];

void report_begin(int64_t measured_from, int64_t until)
{
    from = measured_from;
    to = until;
}

void report_late(void)
{
    late++;
}

static int occurrences(const char *text, const char *word)
{
    int found = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        found++;
    return found;
}

static void check(const char *reply, const char *body, bool hot)
{
    int good = occurrences(body, "\"outcome\":\"recorded\"");
    int odd = hot ? occurrences(body, "\"outcome\":\"exception\"") : 0;
    requests++;
    recorded += good;
    exceptions += odd;
    if (strncmp(reply, "HTTP/1.1 200 ", 13) == 0 && good + odd == opt.scans)
        return;
    failures++;
    snprintf(last_failure, sizeof last_failure, "%.12s … %.300s", reply, body);
}

void report_reply(int64_t intended, const char *status, const char *body, bool hot)
{
    int64_t now = clock_monotonic();
    check(status, body, hot);
    if (now < from || now > to)
        return;
    measured += opt.scans;
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
           "\"requests\":%lld,\"sent\":%lld,\"recorded\":%lld,\"exceptions\":%lld,"
           "\"failures\":%lld,\"late\":%lld,\"cpu\":%.2f}\n",
           (double)measured / opt.seconds, quantile(0.5), quantile(0.9), quantile(0.99),
           quantile(1), (long long)requests, (long long)requests * opt.scans, (long long)recorded,
           (long long)exceptions, (long long)failures, (long long)late, cpu_seconds());
    if (failures)
        fprintf(stderr, "last failure: %s\n", last_failure);
    free(latencies);
    return failures == 0;
}
