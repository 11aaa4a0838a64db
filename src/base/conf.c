#include "base/conf.h"

#include <ctype.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

struct conf conf;

enum kind { TEXT, INT, BOOL };

struct option {
    const char *name, *fallback, *text;
    enum kind kind;
    int64_t least, greatest;
    void *value;
};

#define QUOTE(x) #x

static const struct option options[] = {
#define OPTION_TEXT(field, name, fallback, text) {name, fallback, text, TEXT, 0, 0, &conf.field},
#define OPTION_INT(field, name, fallback, least, greatest, text) \
    {name, QUOTE(fallback), text, INT, least, greatest, &conf.field},
#define OPTION_BOOL(field, name, fallback, text) {name, #fallback, text, BOOL, 0, 1, &conf.field},
#include "base/conf.def"
#undef OPTION_TEXT
#undef OPTION_INT
#undef OPTION_BOOL
};

// --- setting -------------------------------------------------------------------------------------

static bool set_int(const struct option *option, const char *text, const char *from)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    if (*text == '\0' || *end || value < option->least || value > option->greatest) {
        fprintf(stderr,
                "dossierpost: %s: %s must be a whole number from %lld to %lld, not \"%s\"\n", from,
                option->name, (long long)option->least, (long long)option->greatest, text);
        return false;
    }
    *(int64_t *)option->value = value;
    return true;
}

static bool set_bool(const struct option *option, const char *text, const char *from)
{
    bool on = strcmp(text, "true") == 0 || strcmp(text, "1") == 0 || strcmp(text, "yes") == 0;
    if (!on && strcmp(text, "false") != 0 && strcmp(text, "0") != 0 && strcmp(text, "no") != 0) {
        fprintf(stderr, "dossierpost: %s: %s must be true or false, not \"%s\"\n", from,
                option->name, text);
        return false;
    }
    *(bool *)option->value = on;
    return true;
}

static bool set(const struct option *option, const char *text, const char *from)
{
    if (option->kind == INT)
        return set_int(option, text, from);
    if (option->kind == BOOL)
        return set_bool(option, text, from);
    char *copy = strdup(text); // kept until the program ends
    if (copy)
        *(const char **)option->value = copy;
    return copy != NULL;
}

// "server.request_timeout" as "--server-request-timeout" or "DOSSIERPOST_SERVER_REQUEST_TIMEOUT".
static void spell(const struct option *option, bool flag, char out[64])
{
    int at = snprintf(out, 64, "%s", flag ? "--" : "DOSSIERPOST_");
    for (const char *c = option->name; *c && at < 63; c++) {
        bool mark = *c == '.' || *c == '_';
        out[at++] = (char)(mark ? (flag ? '-' : '_') : flag ? *c : toupper((unsigned char)*c));
    }
    out[at] = '\0';
}

// --- the three sources ---------------------------------------------------------------------------

static int from_file(void *file, const char *section, const char *name, const char *value)
{
    char full[128];
    snprintf(full, sizeof full, "%s%s%s", section, *section ? "." : "", name);
    for (size_t i = 0; i < countof(options); i++) {
        if (strcmp(options[i].name, full) == 0)
            return set(&options[i], value, file);
    }
    fprintf(stderr, "dossierpost: %s: there is no option %s\n", (const char *)file, full);
    return 0;
}

static bool read_file(const char *path)
{
    int status = ini_parse(path, from_file, (void *)(uintptr_t)path);
    if (status != 0)
        fprintf(stderr, "dossierpost: %s: %s %d\n", path,
                status > 0 ? "wrong in line" : "cannot be read, error", status);
    return status == 0;
}

static bool read_environment(void)
{
    char name[64];
    for (size_t i = 0; i < countof(options); i++) {
        spell(&options[i], false, name);
        const char *value = getenv(name);
        if (value && !set(&options[i], value, name))
            return false;
    }
    return true;
}

static const struct option *find_flag(const char *arg, const char **value)
{
    char name[64];
    for (size_t i = 0; i < countof(options); i++) {
        spell(&options[i], true, name);
        size_t len = strlen(name);
        if (strncmp(arg, name, len) != 0 || (arg[len] != '\0' && arg[len] != '='))
            continue;
        *value = arg[len] == '=' ? arg + len + 1 : NULL;
        return &options[i];
    }
    return NULL;
}

// Calls set for each flag and leaves what is none of ours.
static bool read_flags(int *argc, char **argv)
{
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        const char *value;
        const struct option *option = find_flag(argv[i], &value);
        if (!option) {
            argv[kept++] = argv[i];
            continue;
        }
        if (!value && option->kind == BOOL)
            value = "true";
        else if (!value && i + 1 < *argc)
            value = argv[++i];
        if (!value) {
            fprintf(stderr, "dossierpost: %s needs a value\n", argv[i]);
            return false;
        }
        if (!set(option, value, "flag"))
            return false;
    }
    argv[kept] = NULL;
    *argc = kept;
    return true;
}

static const char *take_config_flag(int *argc, char **argv)
{
    for (int i = 1; i < *argc; i++) {
        bool joined = strncmp(argv[i], "--config=", 9) == 0;
        if (!joined && (strcmp(argv[i], "--config") != 0 || i + 1 >= *argc))
            continue;
        const char *path = joined ? argv[i] + 9 : argv[i + 1];
        int used = joined ? 1 : 2;
        memmove(&argv[i], &argv[i + used], (size_t)(*argc - i - used + 1) * sizeof *argv);
        *argc -= used;
        return path;
    }
    return NULL;
}

bool conf_load(int *argc, char **argv)
{
    for (size_t i = 0; i < countof(options); i++) {
        if (!set(&options[i], options[i].fallback, "default"))
            return false;
    }
    const char *path = take_config_flag(argc, argv);
    return (!path || read_file(path)) && read_environment() && read_flags(argc, argv);
}

// --- telling -------------------------------------------------------------------------------------

void conf_print_help(struct buf *out)
{
    char flag[64];
    buf_text(out, "  --config FILE\n      Configuration file; flags and DOSSIERPOST_… in the "
                  "environment go before it.\n");
    for (size_t i = 0; i < countof(options); i++) {
        spell(&options[i], true, flag);
        buf_printf(out, "  %s%s\n      %s", flag, options[i].kind == BOOL ? "" : " …",
                   options[i].text);
        if (*options[i].fallback)
            buf_printf(out, " [%s]", options[i].fallback);
        buf_byte(out, '\n');
    }
}

void conf_print_sample(struct buf *out)
{
    char section[32] = "";
    buf_text(out, "# dossierpost.conf: every option with its default.\n");
    for (size_t i = 0; i < countof(options); i++) {
        const char *dot = strchr(options[i].name, '.');
        int len = dot ? (int)(dot - options[i].name) : 0;
        if (dot && strncmp(section, options[i].name, (size_t)len + 1) != 0) {
            snprintf(section, sizeof section, "%.*s.", len, options[i].name);
            buf_printf(out, "\n[%.*s]\n", len, section);
        }
        buf_printf(out, "# %s\n#%s = %s\n", options[i].text, dot ? dot + 1 : options[i].name,
                   options[i].fallback);
    }
}
