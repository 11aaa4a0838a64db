#include "base/metrics.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"

enum kind { COUNTER, GAUGE, HISTOGRAM };

// Upper bounds in microseconds: half a millisecond to ten seconds.
static const int64_t bounds[] = {500,    1000,   2500,   5000,    10000,   25000,   50000,
                                 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};

static const struct {
    const char *name, *text;
    enum kind kind;
} rows[] = {
#define ROW_COUNTER(name, text)   {"dossierpost_" #name "_total", text, COUNTER},
#define ROW_GAUGE(name, text)     {"dossierpost_" #name, text, GAUGE},
#define ROW_HISTOGRAM(name, text) {"dossierpost_" #name, text, HISTOGRAM},
    METRICS(ROW_COUNTER, ROW_GAUGE, ROW_HISTOGRAM)};

static _Atomic int64_t values[METRIC_COUNT]; // of a histogram: the sum in microseconds
static _Atomic int64_t buckets[METRIC_COUNT][countof(bounds) + 1];

void metric_add(enum metric metric, int64_t by)
{
    atomic_fetch_add_explicit(&values[metric], by, memory_order_relaxed);
}

void metric_set(enum metric metric, int64_t value)
{
    atomic_store_explicit(&values[metric], value, memory_order_relaxed);
}

int64_t metric_get(enum metric metric)
{
    return atomic_load_explicit(&values[metric], memory_order_relaxed);
}

void metric_observe(enum metric metric, int64_t microseconds)
{
    size_t i = 0;
    while (i < countof(bounds) && microseconds > bounds[i])
        i++;
    atomic_fetch_add_explicit(&buckets[metric][i], 1, memory_order_relaxed);
    metric_add(metric, microseconds);
}

static void print_histogram(struct buf *out, enum metric metric)
{
    int64_t count = 0;
    for (size_t i = 0; i <= countof(bounds); i++) {
        count += atomic_load_explicit(&buckets[metric][i], memory_order_relaxed);
        if (i < countof(bounds))
            buf_printf(out, "%s_bucket{le=\"%g\"} %lld\n", rows[metric].name,
                       (double)bounds[i] / 1e6, (long long)count);
        else
            buf_printf(out, "%s_bucket{le=\"+Inf\"} %lld\n", rows[metric].name, (long long)count);
    }
    buf_printf(out, "%s_sum %.6f\n%s_count %lld\n", rows[metric].name,
               (double)metric_get(metric) / 1e6, rows[metric].name, (long long)count);
}

void metrics_print(struct buf *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    for (int i = 0; i < METRIC_COUNT; i++) {
        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", rows[i].name, rows[i].text, rows[i].name,
                   types[rows[i].kind]);
        if (rows[i].kind == HISTOGRAM)
            print_histogram(out, (enum metric)i);
        else
            buf_printf(out, "%s %lld\n", rows[i].name, (long long)metric_get((enum metric)i));
    }
}
