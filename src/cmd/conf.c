#include "cmd/conf.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"

const char cmd_conf_usage[] = "usage: dossierpost conf --sample | --show\n";

int cmd_conf(int argc, char **argv)
{
    struct buf out = {0};
    if (argc == 2 && strcmp(argv[1], "--sample") == 0) {
        conf_print_sample(&out);
    } else if (argc == 2 && strcmp(argv[1], "--show") == 0) {
        conf_print_values(&out);
    } else {
        fputs(cmd_conf_usage, stderr);
        return 2;
    }
    fputs(out.data, stdout);
    buf_finish(&out);
    return 0;
}
