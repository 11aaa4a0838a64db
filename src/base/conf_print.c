#include "base/conf_table.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

// What people read of the options: help, sample, values.

static const char *kind_text(const struct conf_option *option, char out[CONF_NAME_MAX])
{
    switch (option->kind) {
    case CONF_INT:
        snprintf(out, CONF_NAME_MAX, "=%lld..%lld", (long long)option->least,
                 (long long)option->greatest);
        break;
    case CONF_CHOICE:
        snprintf(out, CONF_NAME_MAX, "=%s", option->choices);
        break;
    default:
        snprintf(out, CONF_NAME_MAX, "%s", option->kind == CONF_BOOL ? "" : "=TEXT");
    }
    return out;
}

void conf_print_help(struct buf *out)
{
    buf_text(out, "Options, also as DOSSIERPOST_SERVER_LOOPS=… in the environment or as lines of a "
                  "file:\n  --config=FILE\n");
    for (size_t i = 0; i < conf_option_count; i++) {
        const struct conf_option *o = &conf_options[i];
        char flag[CONF_NAME_MAX], kind[CONF_NAME_MAX];
        conf_flag_name(o, flag);
        buf_printf(out, "  %s%s\n      %s", flag, kind_text(o, kind), o->text);
        if (*o->fallback && o->kind != CONF_BOOL)
            buf_printf(out, " Default: %s.", o->fallback);
        buf_byte(out, '\n');
    }
}

static void print_sample_row(struct buf *out, const struct conf_option *o, const char *name)
{
    buf_printf(out, "\n# %s\n", o->text);
    if (o->kind == CONF_INT)
        buf_printf(out, "# From %lld to %lld.\n", (long long)o->least, (long long)o->greatest);
    if (o->kind == CONF_CHOICE)
        buf_printf(out, "# One of %s.\n", o->choices);
    buf_printf(out, "#%s =%s%s\n", name, *o->fallback ? " " : "", o->fallback);
}

// Options without a section must stand before the first.
void conf_print_sample(struct buf *out)
{
    buf_text(out, "# Configuration of dossierpost: dossierpost serve --config FILE\n"
                  "# Every line that is commented out shows the default.\n");
    for (size_t i = 0; i < conf_option_count; i++) {
        if (!strchr(conf_options[i].name, '.'))
            print_sample_row(out, &conf_options[i], conf_options[i].name);
    }
    const char *section = "";
    for (size_t i = 0; i < conf_option_count; i++) {
        const char *name = conf_options[i].name, *dot = strchr(name, '.');
        if (!dot)
            continue;
        int len = (int)(dot - name);
        if (strncmp(section, name, (size_t)len + 1) != 0)
            buf_printf(out, "\n[%.*s]\n", len, name);
        section = name;
        print_sample_row(out, &conf_options[i], dot + 1);
    }
}

static void print_value(struct buf *out, const struct conf_option *o)
{
    switch (o->kind) {
    case CONF_INT:
        buf_printf(out, "%lld", (long long)*(int64_t *)o->field);
        break;
    case CONF_BOOL:
        buf_text(out, *(bool *)o->field ? "true" : "false");
        break;
    default:
        buf_text(out, *(const char **)o->field);
    }
}

void conf_print_values(struct buf *out)
{
    for (size_t i = 0; i < conf_option_count; i++) {
        const struct conf_option *o = &conf_options[i];
        bool secret = o->field == &conf.database_url || o->field == &conf.database_owner_url;
        buf_printf(out, "%s = ", o->name);
        if (secret && **(const char **)o->field)
            buf_text(out, "(set)");
        else
            print_value(out, o);
        buf_byte(out, '\n');
    }
}
