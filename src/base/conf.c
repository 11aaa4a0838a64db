#include "base/conf.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/conf_table.h"

struct conf conf;

const struct conf_option conf_options[] = {
#define OPTION_TEXT(field, name, fallback, text) {name, CONF_TEXT, &conf.field, fallback, text},
#define OPTION_CHOICE(field, name, fallback, choices, text) \
    {name, CONF_CHOICE, &conf.field, fallback, text, 0, 0, choices},
#define OPTION_INT(field, name, fallback, least, greatest, text) \
    {name, CONF_INT, &conf.field, #fallback, text, least, greatest},
#define OPTION_BOOL(field, name, fallback, text) {name, CONF_BOOL, &conf.field, #fallback, text},
#include "base/conf.def"
#undef OPTION_TEXT
#undef OPTION_CHOICE
#undef OPTION_INT
#undef OPTION_BOOL
};

const size_t conf_option_count = countof(conf_options);

static struct arena memory; // of the texts, for the life of the program

static bool wrong(const char *fmt, ...) printf_like(1, 2);

static bool wrong(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("dossierpost: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    return false;
}

// --- one value -----------------------------------------------------------------------------------

static bool set_int(const struct conf_option *option, const char *value, const char *where)
{
    char *end;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < option->least ||
        number > option->greatest)
        return wrong("%s: %s must be a whole number from %lld to %lld, not \"%s\"", where,
                     option->name, (long long)option->least, (long long)option->greatest, value);
    *(int64_t *)option->field = number;
    return true;
}

static bool set_bool(const struct conf_option *option, const char *value, const char *where)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < countof(words); i++) {
        if (strcasecmp(value, words[i]) == 0) {
            *(bool *)option->field = i % 2 == 1;
            return true;
        }
    }
    return wrong("%s: %s must be true or false, not \"%s\"", where, option->name, value);
}

static bool set_choice(const struct conf_option *option, const char *value, const char *where)
{
    size_t len = strlen(value);
    for (const char *choice = option->choices; len > 0;) {
        size_t item = strcspn(choice, "|");
        if (item == len && strncmp(choice, value, len) == 0) {
            *(const char **)option->field = arena_strdup(&memory, value);
            return true;
        }
        if (choice[item] == '\0')
            break;
        choice += item + 1;
    }
    return wrong("%s: %s must be one of %s, not \"%s\"", where, option->name, option->choices,
                 value);
}

static bool set(const struct conf_option *option, const char *value, const char *where)
{
    switch (option->kind) {
    case CONF_INT:
        return set_int(option, value, where);
    case CONF_BOOL:
        return set_bool(option, value, where);
    case CONF_CHOICE:
        return set_choice(option, value, where);
    default:
        *(const char **)option->field = arena_strdup(&memory, value);
        return true;
    }
}

// --- the file ------------------------------------------------------------------------------------

struct file {
    const char *path;
    FILE *stream;
    int line;
    bool ok;
};

// A line that does not fit is refused instead of cut, and none continues the one before.
static char *read_line(char *text, int size, void *stream)
{
    struct file *file = stream;
    char *line = fgets(text, size, file->stream);
    if (!line)
        return NULL;
    file->line++;
    if (!strchr(line, '\n') && !feof(file->stream))
        file->ok = wrong("%s:%d: the line is too long", file->path, file->line);
    size_t blank = strspn(line, " \t");
    memmove(line, line + blank, strlen(line + blank) + 1);
    return line;
}

static int take_line(void *arg, const char *section, const char *name, const char *value)
{
    struct file *file = arg;
    char full[2 * CONF_NAME_MAX], where[512];
    snprintf(full, sizeof full, "%s%s%s", section, *section ? "." : "", name);
    snprintf(where, sizeof where, "%s:%d", file->path, file->line);
    for (size_t i = 0; i < conf_option_count; i++) {
        if (strcmp(conf_options[i].name, full) == 0) {
            file->ok &= set(&conf_options[i], value, where);
            return 1;
        }
    }
    file->ok = wrong("%s: there is no option %s", where, full);
    return 1;
}

static bool read_file(const char *path)
{
    struct file file = {path, fopen(path, "re"), 0, true};
    if (!file.stream)
        return wrong("%s: %s", path, strerror(errno));
    int line = ini_parse_stream(read_line, &file, take_line, &file);
    if (ferror(file.stream))
        file.ok = wrong("%s: %s", path, strerror(errno));
    else if (line > 0 && file.ok)
        file.ok = wrong("%s:%d: neither [section] nor name = value", path, line);
    else if (line < 0)
        file.ok = wrong("%s: cannot be read", path);
    fclose(file.stream);
    return file.ok;
}

// --- environment and flags -----------------------------------------------------------------------

static bool read_environment(void)
{
    bool ok = true;
    for (size_t i = 0; i < conf_option_count; i++) {
        char name[CONF_NAME_MAX + 16];
        snprintf(name, sizeof name, "DOSSIERPOST_%s", conf_options[i].name);
        for (char *c = name; *c; c++)
            *c = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
        const char *value = getenv(name);
        if (value)
            ok &= set(&conf_options[i], value, name);
    }
    return ok;
}

void conf_flag_name(const struct conf_option *option, char out[CONF_NAME_MAX])
{
    snprintf(out, CONF_NAME_MAX, "--%s", option->name);
    for (char *c = out; *c; c++)
        *c = *c == '.' || *c == '_' ? '-' : *c;
}

// The length of the name when `arg` is this flag, with or without "=value"; else 0.
static size_t flag_matches(const char *arg, const char *flag)
{
    size_t len = strlen(flag);
    return strncmp(arg, flag, len) == 0 && (arg[len] == '\0' || arg[len] == '=') ? len : 0;
}

static const struct conf_option *find_flag(const char *arg, size_t *len)
{
    for (size_t i = 0; i < conf_option_count; i++) {
        char flag[CONF_NAME_MAX];
        conf_flag_name(&conf_options[i], flag);
        *len = flag_matches(arg, flag);
        if (*len > 0)
            return &conf_options[i];
    }
    return NULL;
}

// The value behind flag argv[*i]: after its "=", or the next argument.
static const char *flag_value(int argc, char **argv, int *i, size_t len)
{
    if (argv[*i][len] == '=')
        return argv[*i] + len + 1;
    return *i + 1 < argc ? argv[++*i] : NULL;
}

static bool take_flag(int argc, char **argv, int *i, const struct conf_option *option, size_t len)
{
    char flag[CONF_NAME_MAX];
    conf_flag_name(option, flag);
    if (option->kind == CONF_BOOL && argv[*i][len] == '\0')
        return set(option, "true", flag);
    const char *value = flag_value(argc, argv, i, len);
    return value ? set(option, value, flag) : wrong("%s wants a value", flag);
}

// What is no option of ours stays for the subcommand, as does all behind "--".
static bool take_flags(int *argc, char **argv)
{
    int left = 0;
    bool ok = true, ours = true;
    for (int i = 0; i < *argc; i++) {
        size_t len = strlen("--config");
        ours &= strcmp(argv[i], "--") != 0;
        const struct conf_option *option = ours && i > 0 ? find_flag(argv[i], &len) : NULL;
        if (option)
            ok &= take_flag(*argc, argv, &i, option, len);
        else if (ours && i > 0 && flag_matches(argv[i], "--config"))
            flag_value(*argc, argv, &i, strlen("--config"));
        else
            argv[left++] = argv[i];
    }
    argv[left] = NULL;
    *argc = left;
    return ok;
}

static bool read_named_file(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        size_t len = flag_matches(argv[i], "--config");
        if (len == 0)
            continue;
        const char *path = flag_value(argc, argv, &i, len);
        if (!path || !read_file(path))
            return path ? false : wrong("--config wants the name of a file");
    }
    return true;
}

// --- what the table cannot say -------------------------------------------------------------------

static bool finish_public_url(void)
{
    size_t len = strlen(conf.public_url);
    if (len == 0)
        return true;
    if (strncmp(conf.public_url, "http://", 7) != 0 && strncmp(conf.public_url, "https://", 8) != 0)
        return wrong("public_url must begin with http:// or https://");
    while (len > 0 && conf.public_url[len - 1] == '/')
        len--;
    if (len > 40)
        return wrong("public_url may have at most 40 characters, or a QR code cannot hold it");
    conf.public_url = arena_copy(&memory, conf.public_url, len);
    return true;
}

static bool finish_state_dir(void)
{
    const char *home = getenv("HOME");
    if (*conf.state_dir != '\0')
        return true;
    if (geteuid() == 0)
        conf.state_dir = "/var/lib/dossierpost";
    else if (home && *home == '/')
        conf.state_dir = arena_printf(&memory, "%s/.local/state/dossierpost", home);
    else
        return wrong("state_dir must be given where there is no HOME");
    return true;
}

bool conf_load(int *argc, char **argv)
{
    for (size_t i = 0; i < conf_option_count; i++) {
        if (!set(&conf_options[i], conf_options[i].fallback, "default"))
            return false;
    }
    bool ok = read_named_file(*argc, argv);
    ok &= read_environment();
    ok &= take_flags(argc, argv);
    return ok && finish_public_url() && finish_state_dir();
}
