#include "custody/diagram.h"

#include <string.h>

#include "base/json.h"

static bool is(const json_t *object, const char *name, const char *text)
{
    const char *value = json_text(object, name);
    return value && strcmp(value, text) == 0;
}

// Keys in the order they were added, each once.
static void add_label(json_t *labels, const json_t *step, const char *why)
{
    char label[80];
    snprintf(label, sizeof label, "%s%s", json_text(step, "kind"), why);
    json_object_set_new(labels, label, json_true());
}

// What leads from one state to another; a signing only where no scan does.
static json_t *labels_between(const json_t *vocabulary, const char *what, const char *from,
                              const char *to)
{
    size_t i;
    const json_t *step;
    json_t *labels = json_object();
    json_array_foreach(json_object_get(vocabulary, "transitions"), i, step)
    {
        if (!is(step, "what", what) || !is(step, "from", from))
            continue;
        if (is(step, "to", to) && !json_bool(step, "signed"))
            add_label(labels, step, "");
        else if (is(step, "to", to) && !json_object_get(labels, json_text(step, "kind")))
            add_label(labels, step, " (signed)");
        if (is(step, "to_returning", to))
            add_label(labels, step, " (returning)");
    }
    return labels;
}

// "    PREFIX: a, b" when there is a label.
static void print_labels(struct buf *out, const char *prefix, json_t *labels)
{
    const char *label;
    json_t *value;
    const char *between = prefix;
    json_object_foreach(labels, label, value)
    {
        buf_printf(out, "%s%s", between, label);
        between = ", ";
    }
    if (between != prefix)
        buf_byte(out, '\n');
    json_decref(labels);
}

static void print_state(struct buf *out, const json_t *vocabulary, const char *what,
                        const json_t *from)
{
    char prefix[160];
    size_t i;
    const json_t *to;
    const char *code = json_text(from, "code");
    snprintf(prefix, sizeof prefix, "        %s_%s : ", what, code);
    print_labels(out, prefix, labels_between(vocabulary, what, code, code));
    json_array_foreach(json_object_get(vocabulary, "states"), i, to)
    {
        const char *other = json_text(to, "code");
        if (!is(to, "what", what) || to == from)
            continue;
        snprintf(prefix, sizeof prefix, "        %s_%s --> %s_%s : ", what, code, what, other);
        print_labels(out, prefix, labels_between(vocabulary, what, code, other));
    }
    if (json_bool(from, "ended"))
        buf_printf(out, "        %s_%s --> [*]\n", what, code);
}

static void print_thing(struct buf *out, const json_t *vocabulary, const char *what,
                        const char *name)
{
    size_t i;
    const json_t *state;
    const char *begun = NULL;
    buf_printf(out, "    state \"%s\" as %s {\n", name, what);
    json_array_foreach(json_object_get(vocabulary, "states"), i, state)
    {
        const char *code = json_text(state, "code");
        if (!is(state, "what", what))
            continue;
        buf_printf(out, "        state \"%s · %s\" as %s_%s\n", json_text(state, "name"),
                   json_text(state, "name_en"), what, code);
        begun = begun ? begun : code;
    }
    buf_printf(out, "        [*] --> %s_%s\n", what, begun ? begun : "");
    json_array_foreach(json_object_get(vocabulary, "states"), i, state)
    {
        if (is(state, "what", what))
            print_state(out, vocabulary, what, state);
    }
    buf_text(out, "    }\n");
}

void diagram_print(struct buf *out, const json_t *vocabulary)
{
    buf_text(out, "stateDiagram-v2\n");
    print_thing(out, vocabulary, "shipment", "Bưu gửi · Shipment");
    print_thing(out, vocabulary, "container", "Túi · Container");
}
