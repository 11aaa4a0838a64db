#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

// Gives each file of a folder to the fuzz target, as a TAP report.

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    size_t room = 0;
    *size = 0;
    while (file != NULL && !feof(file)) {
        if (room - *size < 65536) {
            room += 65536;
            data = realloc(data, room);
            if (data == NULL)
                abort();
        }
        *size += fread(data + *size, 1, room - *size, file);
    }
    if (file != NULL)
        fclose(file);
    return data;
}

static bool replay(const char *folder, const char *name)
{
    char path[1024];
    size_t size;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *data = read_file(path, &size);
    if (data == NULL)
        return false;
    // An exact copy, so that a sanitizer sees a read behind the end.
    uint8_t *exact = malloc(size ? size : 1);
    if (exact == NULL)
        abort();
    memcpy(exact, data, size);
    free(data);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return true;
}

int main(int argc, char **argv)
{
    int count = 0;
    struct dirent **entries = NULL;
    int found = argc == 2 ? scandir(argv[1], &entries, NULL, alphasort) : -1;
    if (found < 0) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    for (int i = 0; i < found; i++) {
        const char *name = entries[i]->d_name;
        if (name[0] != '.') {
            bool good = replay(argv[1], name);
            printf("%sok %d - %s\n", good ? "" : "not ", ++count, name);
            fflush(stdout);
        }
        free(entries[i]);
    }
    free(entries);
    printf("1..%d\n", count);
    return count > 0 ? 0 : 1;
}
