#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "load.h"

struct load_options opt = {
    .host = "127.0.0.1", .connections = 64, .seconds = 5, .warmup = 1, .scans = 1, .near = 512};

static const struct {
    const char *name;
    int *number;
    const char **text;
} rows[] = {
    {"host", NULL, &opt.host},         {"port", &opt.port, NULL},
    {"sessions", NULL, &opt.sessions}, {"ids", NULL, &opt.ids},
    {"connections", &opt.connections}, {"seconds", &opt.seconds},
    {"warmup", &opt.warmup, NULL},     {"scans", &opt.scans, NULL},
    {"rate", &opt.rate, NULL},         {"hot", &opt.hot, NULL},
    {"rounds", &opt.rounds, NULL},     {"near", &opt.near, NULL},
    {"idle", &opt.idle, NULL},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static bool options(int argc, char **argv)
{
    struct option names[ROWS + 1] = {0};
    for (int i = 0; i < ROWS; i++)
        names[i] = (struct option){rows[i].name, required_argument, NULL, i};
    for (int o; (o = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (o < 0 || o >= ROWS)
            return false;
        if (rows[o].text)
            *rows[o].text = optarg;
        else
            *rows[o].number = (int)strtol(optarg, NULL, 10);
    }
    return opt.port > 0 && opt.connections > 0 && opt.scans > 0;
}

int main(int argc, char **argv)
{
    if (!options(argc, argv)) {
        fprintf(stderr,
                "%s --port N [--sessions FILE] [--connections N] [--seconds N] "
                "[--warmup N] [--scans N] [--rate N] [--hot PERCENT] [--rounds N] "
                "[--near BYTES] [--idle N] [--ids FILE] < work\n",
                argv[0]);
        return 2;
    }
    work_read();
    conn_run();
    work_finish();
    return report_print() ? 0 : 1;
}
