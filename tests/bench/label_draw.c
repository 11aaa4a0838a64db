// label_draw KIND TEMPLATE DPI THREADS SAMPLE < facts.jsonl
// Draws every label as the service does, from its facts to its bytes, a document a label, and
// prints {"labels", "seconds", "cpu", "bytes"}. KIND: pdf, png, zpl … SAMPLE: where the last goes.
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/log.h"
#include "label/render.h"
#include "label/text.h"

enum { MOST = 20000, LINE = 8192, WARM = 50 };

static struct {
    const struct label_template *t;
    enum label_format format;
    int dpi, threads, count;
    struct keyring keys;
    struct label_source source;
    json_t *facts[MOST];
    const char *sample;
} bench;

struct part {
    pthread_t thread;
    int from;
    size_t bytes;
};

static double clock_at(clockid_t which)
{
    struct timespec at;
    clock_gettime(which, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static size_t draw(int at, bool keep)
{
    struct arena arena;
    struct label_data data;
    struct label_fault fault;
    struct buf out = {0};
    arena_init(&arena);
    if (!label_data_make(&arena, bench.facts[at], &bench.source, &data) ||
        !label_render(bench.t, &data, bench.dpi, bench.format, &out, &fault))
        die("label %d: %s", at, fault.text);
    if (keep) {
        FILE *file = fopen(bench.sample, "we");
        if (!file || fwrite(out.data, 1, out.len, file) != out.len || fclose(file) != 0)
            die("%s cannot be written", bench.sample);
    }
    size_t len = out.len;
    buf_finish(&out);
    arena_finish(&arena);
    return len;
}

static void *run(void *arg)
{
    struct part *part = arg;
    for (int i = part->from; i < bench.count; i += bench.threads)
        part->bytes += draw(i, false);
    label_pen_drop();
    return NULL;
}

static void facts_read(void)
{
    static char line[LINE];
    while (bench.count < MOST && fgets(line, sizeof line, stdin)) {
        bench.facts[bench.count] = json_loads(line, 0, NULL);
        if (!bench.facts[bench.count++])
            die("line %d is no JSON", bench.count);
    }
}

int main(int argc, char **argv)
{
    struct label_links links;
    struct part parts[16] = {0};
    struct label_fault fault;
    uint8_t seed[SIGN_KEY_SEED] = {1};
    size_t bytes = 0;
    if (argc != 6)
        die("usage: label_draw KIND TEMPLATE DPI THREADS SAMPLE < facts.jsonl");
    if (sodium_init() < 0 || !keyring_add(&bench.keys, seed, 0) || !label_templates_load(&fault))
        die("cannot begin");
    label_links_make(&links, "https://hoso.vn");
    bench.format = label_format_named(argv[1]);
    bench.t = label_template_named(argv[2], &label_words);
    bench.dpi = (int)strtol(argv[3], NULL, 10);
    bench.threads = (int)strtol(argv[4], NULL, 10);
    bench.sample = argv[5];
    bench.source = (struct label_source){&bench.keys, &links, 1795400100000000, false};
    if (bench.format == LABEL_FORMAT_COUNT || !bench.t || bench.threads < 1 || bench.threads > 16)
        die("no such format, template or number of threads");
    facts_read();
    for (int i = 0; i < WARM && i < bench.count; i++)
        bytes += draw(i, false);
    double began = clock_at(CLOCK_MONOTONIC), cpu = clock_at(CLOCK_PROCESS_CPUTIME_ID);
    bytes = 0;
    for (int i = 0; i < bench.threads; i++) {
        parts[i].from = i;
        if (pthread_create(&parts[i].thread, NULL, run, &parts[i]) != 0)
            die("no thread");
    }
    for (int i = 0; i < bench.threads; i++) {
        pthread_join(parts[i].thread, NULL);
        bytes += parts[i].bytes;
    }
    printf("{\"labels\": %d, \"seconds\": %.6f, \"cpu\": %.6f, \"bytes\": %zu}\n", bench.count,
           clock_at(CLOCK_MONOTONIC) - began, clock_at(CLOCK_PROCESS_CPUTIME_ID) - cpu, bytes);
    draw(bench.count - 1, true);
    for (int i = 0; i < bench.count; i++)
        json_decref(bench.facts[i]);
    label_templates_drop();
    label_pen_drop();
    return 0;
}
