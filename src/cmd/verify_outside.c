#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/verify_parts.h"

// Checkpoints that were kept where the database's owner cannot reach them.

static int by_size(const void *a, const void *b)
{
    const struct outside_row *x = a, *y = b;
    return (x->size > y->size) - (x->size < y->size);
}

static bool add(struct verify *v, const struct checkpoint *c)
{
    if ((v->outside_count & (v->outside_count - 1)) == 0) { // full at every power of two
        size_t room = v->outside_count ? 2 * (size_t)v->outside_count : 1;
        struct outside_row *list = realloc(v->outside, room * sizeof *list);
        if (!list)
            return false;
        v->outside = list;
    }
    v->outside[v->outside_count++] = (struct outside_row){c->size, c->root};
    return true;
}

static bool take(struct verify *v, const char *text, bool quiet)
{
    struct checkpoint c;
    if (!checkpoint_parse(text, &c)) {
        findings_add(&v->f, FOUND_MALFORMED, 0, NULL, NULL, "a checkpoint held outside");
        return true;
    }
    bool ours = strcmp(c.origin, v->origin) == 0;
    if (!ours && !quiet)
        findings_add(&v->f, FOUND_OTHER_LOG, 0, NULL, NULL, "%s, not %s", c.origin, v->origin);
    if (!ours || !findings_checkpoint(&v->f, &v->trust, &c, "held outside"))
        return true;
    return add(v, &c);
}

// A power cut may have left half of the last line of our own file.
static bool take_lines(struct verify *v, FILE *file, bool quiet)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    bool done = true;
    while (done && (len = getline(&line, &room, file)) > 0) {
        if (line[strspn(line, " \t\r\n")] && (!quiet || line[len - 1] == '\n'))
            done = take(v, line, quiet);
    }
    free(line);
    return done;
}

static bool take_whole(struct verify *v, FILE *file)
{
    char part[8192];
    size_t got;
    struct buf text = {0};
    while (text.len < (1 << 26) && (got = fread(part, 1, sizeof part, file)) > 0)
        buf_add(&text, part, got);
    bool done = take(v, text.data ? text.data : "", false);
    buf_finish(&text);
    return done;
}

bool verify_outside_read(struct verify *v, const char *path, bool quiet)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        if (!quiet)
            fprintf(stderr, "dossierpost verify: %s: %s\n", path, strerror(errno));
        return quiet;
    }
    int first = getc(file);
    ungetc(first, file);
    bool done = first == '{' ? take_whole(v, file) : take_lines(v, file, quiet);
    fclose(file);
    if (v->outside_count)
        qsort(v->outside, (size_t)v->outside_count, sizeof *v->outside, by_size);
    return done;
}
