#pragma once
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/compiler.h"

// What a command writes: a file that is there whole or not at all, beside which whatever stood
// there before stays until then; "-" and what is no file (a device, a pipe) is written as it comes.

struct out_file {
    const char *path;
    FILE *to; // NULL: nothing was written yet
    bool beside;
    char name[PATH_MAX], draft[PATH_MAX]; // of the file; of what becomes it
};

// Opens at the first call. False, with errno set.
must_check bool out_file_write(struct out_file *out, const void *data, size_t len);
// Closes. Not `whole`, or when that fails: nothing of it stays. False, with errno set, when it is
// not whole or could not be written.
must_check bool out_file_end(struct out_file *out, bool whole);
