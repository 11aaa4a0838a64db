// The answers of a seeded database, packed as the program packs them: rows of COPY on standard
// input (key, dossier, as_of, until, tag, subjects, view) become rows of dossier.told on standard
// output.
// With --train BYTES: a dictionary of that size of what those rows have in common (./dev bench
// words).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zdict.h>

#include "base/buf.h"
#include "base/log.h"
#include "tracking/track_pack.h"

enum { KEY, DOSSIER, AS_OF, UNTIL, TAG, SUBJECTS, VIEW, FIELDS };

static char unescaped(char c)
{
    static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
    const char *at = strchr(from, c);
    return at && c ? to[at - from] : c;
}

static size_t unescape(char *text)
{
    char *out = text;
    for (const char *in = text; *in; in++)
        *out++ = *in == '\\' && in[1] ? unescaped(*++in) : *in;
    *out = '\0';
    return (size_t)(out - text);
}

static bool split(char *line, char *fields[FIELDS])
{
    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < FIELDS; i++)
        fields[i] = strsep(&line, "\t");
    return fields[VIEW] && !line;
}

static void write_row(char *const fields[FIELDS], size_t len)
{
    static struct buf packed;
    buf_reset(&packed);
    track_pack(&packed, fields[TAG], fields[SUBJECTS], fields[VIEW], len);
    printf("%s\t%s\t%s\t%s\t\\\\x", fields[KEY], fields[DOSSIER], fields[AS_OF], fields[UNTIL]);
    for (size_t i = 0; i < packed.len; i++) {
        putchar_unlocked("0123456789abcdef"[(unsigned char)packed.data[i] >> 4]);
        putchar_unlocked("0123456789abcdef"[packed.data[i] & 15]);
    }
    putchar_unlocked('\n');
}

struct samples {
    struct buf text;
    size_t *sizes;
    unsigned count;
};

static void add_sample(struct samples *samples, char *const fields[FIELDS])
{
    size_t before = samples->text.len;
    buf_printf(&samples->text, "%.16s%s\n%s", fields[TAG], fields[SUBJECTS], fields[VIEW]);
    samples->sizes = realloc(samples->sizes, (samples->count + 1) * sizeof(size_t));
    if (!samples->sizes)
        die("out of memory");
    samples->sizes[samples->count++] = samples->text.len - before;
}

static int train(const struct samples *samples, size_t size)
{
    char *dictionary = malloc(size);
    if (!dictionary)
        die("out of memory");
    size_t got =
        ZDICT_trainFromBuffer(dictionary, size, samples->text.data, samples->sizes, samples->count);
    if (ZDICT_isError(got))
        die("%s", ZDICT_getErrorName(got));
    return fwrite(dictionary, 1, got, stdout) == got ? 0 : 1;
}

int main(int argc, char **argv)
{
    size_t room = 0,
           size = argc == 3 && strcmp(argv[1], "--train") == 0 ? strtoul(argv[2], NULL, 10) : 0;
    char *line = NULL, *fields[FIELDS];
    struct samples samples = {0};
    while (getline(&line, &room, stdin) > 0) {
        if (!split(line, fields))
            die("not a row of seven fields");
        size_t len = unescape(fields[VIEW]);
        if (size)
            add_sample(&samples, fields);
        else
            write_row(fields, len);
    }
    return size ? train(&samples, size) : fflush(stdout) != 0;
}
