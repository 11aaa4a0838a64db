#include "label/form.h"

#include <string.h>

#include "base/text.h"
#include "label/say.h"

const struct label_words form_words = {"form", .open = true};

const struct json_field form_shape[] = {
    LABEL_FACT_PAPER,
    {"title", JSON_KIND_TEXT, true, 1, 200, .text = "Title of the PDF"},
    {"track", JSON_KIND_TEXT, false, 1, 60, .text = "Number or code that the QR code leads to"},
    {"barcode", JSON_KIND_TEXT, false, 1, 60, .text = "What Code 128 says"},
    {"facts", JSON_KIND_ANY_OBJECT, true, .text = "What the slots and bands name"},
    {0}};

// --- values --------------------------------------------------------------------------------------

static const char *number_text(struct arena *arena, int64_t number)
{
    char dotted[MONEY_TEXT];
    text_money(number, dotted);
    return arena_strdup(arena, dotted);
}

static const char *said(struct arena *arena, const json_t *value)
{
    const char *name = json_object_iter_key(json_object_iter((json_t *)value));
    const char *text = name ? json_text(value, name) : NULL;
    if (!name)
        return NULL;
    if (strcmp(name, "money") == 0)
        return say_money(arena, json_int(value, name, 0));
    if (strcmp(name, "weight") == 0)
        return say_weight(arena, json_int(value, name, 0));
    if (strcmp(name, "time") == 0)
        return say_time(arena, text);
    if (strcmp(name, "day") == 0)
        return say_day(arena, text);
    return text && strcmp(name, "code") == 0 ? say_code(arena, text) : NULL;
}

static const char *value_text(struct arena *arena, const json_t *value)
{
    const char *text = NULL;
    if (json_is_string(value))
        text = label_clean(arena, json_string_value(value));
    else if (json_is_integer(value))
        text = number_text(arena, json_integer_value(value));
    else if (json_is_true(value))
        text = "Có";
    else if (json_is_object(value))
        text = said(arena, value);
    return text && *text ? text : NULL;
}

// The value at the end of the path "applicant.name"; NULL: there is none.
static const json_t *value_at(const json_t *from, const char *path, size_t len)
{
    while (from && len) {
        const char *dot = memchr(path, '.', len);
        size_t part = dot ? (size_t)(dot - path) : len;
        from = json_object_getn(from, path, part);
        path += part + (dot != NULL);
        len -= part + (dot != NULL);
    }
    return from;
}

// --- slots ---------------------------------------------------------------------------------------

struct making {
    struct arena *arena;
    const struct label_template *t;
    const json_t *facts;
    struct sheet_block *blocks;
    int count, room;
};

// In the element of a list its own members go before those of the whole.
static const char *slot_text(const struct making *m, const char *id, const char *band,
                             const json_t *element)
{
    size_t len = strcspn(id, "-"), own = band ? strlen(band) : 0;
    const json_t *from = m->facts;
    if (element && strncmp(id, band, own) == 0 && id[own] == '.') {
        from = element;
        id += own + 1;
        len -= own + 1;
    }
    return value_text(m->arena, value_at(from, id, len));
}

// Fills the slots of a band. False: it has some, and nothing stands in any.
static bool slots_fill(const struct making *m, int band, const json_t *element,
                       const char *field[LABEL_FIELDS_MAX])
{
    const char *name = band ? m->t->band_names[band - 1] : NULL;
    bool any = false, filled = false;
    for (int i = 0; i < m->t->count; i++) {
        const struct label_op *op = &m->t->ops[i];
        if (op->band != band || op->kind != LABEL_OP_FRAME || op->field < 0)
            continue;
        const char *text = slot_text(m, m->t->fields[op->field], name, element);
        any = true;
        filled = filled || text;
        field[op->field] = text;
    }
    return filled || !any;
}

// --- bands ---------------------------------------------------------------------------------------

static int band_named(const struct label_template *t, const char *name)
{
    return label_word(t->band_names, name) + 1;
}

static bool flows(const char *name)
{
    const char *end = strstr(name, "-columns");
    return strcmp(name, "first") != 0 && strcmp(name, "next") != 0 && !(end && !end[8]);
}

static void block_add(struct making *m, int band, const json_t *element, bool always)
{
    struct sheet_block block = {.band = band};
    if (!slots_fill(m, band, element, block.field) && !always)
        return;
    if (m->count == m->room) {
        struct sheet_block *before = m->blocks;
        m->room = m->room ? 2 * m->room : 32;
        m->blocks = arena_alloc(m->arena, (size_t)m->room * sizeof *m->blocks);
        if (before)
            memcpy(m->blocks, before, (size_t)m->count * sizeof *before);
    }
    const char *columns = arena_printf(m->arena, "%s-columns", m->t->band_names[band - 1]);
    block.head = band_named(m->t, columns);
    m->blocks[m->count++] = block;
}

static void band_add(struct making *m, int band)
{
    const char *name = m->t->band_names[band - 1];
    const json_t *value = value_at(m->facts, name, strlen(name)), *element;
    size_t i;
    if (!flows(name) || json_is_false(value) || json_is_null(value))
        return;
    if (!json_is_array(value)) {
        block_add(m, band, NULL, json_is_true(value));
        return;
    }
    json_array_foreach(value, i, element) block_add(m, band, element, true);
}

// --- the sheet -----------------------------------------------------------------------------------

static void set_field(const struct making *m, struct sheet *s, const char *name, const char *text)
{
    int field = label_word(m->t->fields, name);
    if (field >= 0)
        s->field[field] = text;
}

static void heads(const struct making *m, struct sheet *s)
{
    (void)slots_fill(m, SHEET_BAND_PAGE, NULL, s->field);
    (void)slots_fill(m, band_named(m->t, "first"), NULL, s->field);
    (void)slots_fill(m, band_named(m->t, "next"), NULL, s->field);
}

static void codes(const struct making *m, const json_t *document, const struct label_source *source,
                  struct sheet *s)
{
    const char *track = json_text(document, "track"), *bars = json_text(document, "barcode");
    s->code[LABEL_CODE128] = bars ? arena_strdup(m->arena, bars) : NULL;
    if (!track)
        return;
    s->code[LABEL_QR_SHORT] = arena_printf(m->arena, "%s%s", source->links->track, track);
    set_field(m, s, "link", label_link(m->arena, source->links->track, track));
}

const struct sheet *form_lay(struct arena *arena, const struct label_template *t,
                             const json_t *document, const struct label_source *source)
{
    struct sheet *s = arena_alloc(arena, sizeof *s);
    struct making m = {.arena = arena, .t = t, .facts = json_object_get(document, "facts")};
    s->title = say_text(arena, json_text(document, "title"));
    heads(&m, s);
    for (int band = 1; t->band_names[band - 1]; band++)
        band_add(&m, band);
    codes(&m, document, source, s);
    set_field(&m, s, "demo", say_demo(source->demo));
    s->blocks = m.blocks;
    s->count = m.count;
    return s;
}
