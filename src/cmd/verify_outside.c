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

bool verify_outside_add(struct verify *v, const struct outside_row *row)
{
    if ((v->outside_count & (v->outside_count - 1)) == 0) { // full at every power of two
        size_t room = v->outside_count ? 2 * (size_t)v->outside_count : 1;
        struct outside_row *list = realloc(v->outside, room * sizeof *list);
        if (!list)
            return false;
        v->outside = list;
    }
    v->outside[v->outside_count++] = *row;
    return true;
}

static bool take(struct verify *v, const struct checkpoint *c, bool quiet)
{
    bool ours = strcmp(c->origin, v->origin) == 0;
    if (!ours && !quiet)
        findings_add(&v->f, FOUND_OTHER_LOG, 0, NULL, NULL, "%s, not %s", c->origin, v->origin);
    if (!ours || !findings_checkpoint(&v->f, &v->trust, c, "held outside"))
        return true;
    return verify_outside_add(v, &(struct outside_row){c->size, c->root});
}

// A power cut or a full disk may leave half a line; what was appended to such a half is read from
// where it begins.
static bool line_read(const struct verify *v, const char *line, struct checkpoint *out)
{
    if (checkpoint_parse(line, out))
        return true;
    const char *last = NULL;
    for (const char *at = strstr(line, v->origin); at; at = strstr(at + 1, v->origin))
        last = at;
    return last && checkpoint_parse(last, out);
}

static bool take_lines(struct verify *v, FILE *file, bool quiet)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    bool done = true, some = false;
    struct checkpoint c;
    while (done && (len = getline(&line, &room, file)) > 0) {
        if (line[strspn(line, " \t\r\n")] == '\0' && strlen(line) == (size_t)len)
            continue;
        bool good = line_read(v, line, &c);
        done = !good || take(v, &c, quiet);
        some = some || good;
        v->f.unread += !good;
    }
    if (!some && !quiet)
        findings_add(&v->f, FOUND_MALFORMED, 0, NULL, NULL, "a file of checkpoints held outside");
    free(line);
    return done;
}

static bool take_whole(struct verify *v, FILE *file)
{
    char part[8192];
    size_t got;
    struct buf text = {0};
    struct checkpoint c;
    while (text.len < (1 << 26) && (got = fread(part, 1, sizeof part, file)) > 0)
        buf_add(&text, part, got);
    bool good = checkpoint_parse(text.data ? text.data : "", &c);
    bool done = !good || take(v, &c, false);
    if (!good)
        findings_add(&v->f, FOUND_MALFORMED, 0, NULL, NULL, "a checkpoint held outside");
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
