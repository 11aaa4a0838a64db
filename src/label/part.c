#include "label/part.h"

#include "base/log.h"

bool label_part_joins(enum label_format format)
{
    return format == LABEL_PDF || format == LABEL_ZPL || format == LABEL_TSPL ||
           format == LABEL_ESCPOS;
}

int label_part_size(const struct label_way *way, int most)
{
    static const double bytes = 2 << 20;
    double dots = label_dots_per_mm(way->dpi);
    double picture = way->t->width * way->t->height * dots * dots / 8;
    int places = label_template_places(way->t), pages = most / places;
    if (way->format != LABEL_PDF && picture * pages > bytes)
        pages = (int)(bytes / picture);
    return (pages < 1 ? 1 : pages) * places;
}

void label_part_init(struct label_part *part, int room)
{
    *part = (struct label_part){.room = room};
    arena_init(&part->arena);
    part->labels = arena_alloc(&part->arena, (size_t)room * sizeof *part->labels);
}

void label_part_finish(struct label_part *part)
{
    arena_finish(&part->arena);
    buf_finish(&part->out);
    *part = (struct label_part){0};
}

static void add(struct label_part *part, struct label_in_part label)
{
    if (part->count == part->room)
        die("a part of %d labels is full", part->room);
    part->labels[part->count++] = label;
}

void label_part_add(struct label_part *part, const char *name, const struct label_data *data)
{
    add(part, (struct label_in_part){name, data, NULL});
}

void label_part_refuse(struct label_part *part, const char *name, const char *problem)
{
    add(part, (struct label_in_part){name, NULL, problem});
}

// --- drawing -------------------------------------------------------------------------------------

static bool draw_printed(const struct label_page *all, const struct label_way *way, struct buf *out,
                         struct label_fault *fault)
{
    int places = label_template_places(all->t);
    for (int i = 0; i < all->count; i += places) {
        int left = all->count - i;
        struct label_page page = {all->t, all->labels + i, left < places ? left : places};
        if (!label_render_page(&page, way->dpi, way->format, out, fault)) {
            buf_reset(out);
            return false;
        }
    }
    return true;
}

// All that have no problem.
static bool draw_good(struct label_part *part, const struct label_way *way,
                      struct label_fault *fault)
{
    const struct label_data **list =
        arena_alloc(&part->arena, (size_t)part->count * sizeof *list + 1);
    struct label_page all = {way->t, list, 0};
    for (int i = 0; i < part->count; i++)
        if (!part->labels[i].problem)
            list[all.count++] = part->labels[i].data;
    bool ok = all.count == 0 ||
              (way->format == LABEL_PDF ? label_render_document(&all, way->dpi, &part->out, fault)
                                        : draw_printed(&all, way, &part->out, fault));
    part->drawn = ok ? all.count : 0;
    return ok;
}

static void refuse_good(struct label_part *part, const char *problem)
{
    for (int i = 0; i < part->count; i++)
        if (!part->labels[i].problem)
            part->labels[i].problem = problem;
}

// Names every label that cannot be drawn by itself. False when there is none.
static bool find_problems(struct label_part *part, const struct label_way *way)
{
    struct label_fault fault;
    bool found = false;
    for (int i = 0; i < part->count; i++) {
        struct label_in_part *label = &part->labels[i];
        if (label->problem || label_render_fits(way->t, label->data, way->dpi, &fault))
            continue;
        label->problem = arena_strdup(&part->arena, fault.text);
        found = true;
    }
    return found;
}

// Twice at most, whatever is wrong with however many.
void label_part_draw(struct label_part *part, const struct label_way *way)
{
    struct label_fault *fault = arena_alloc(&part->arena, sizeof *fault);
    if (draw_good(part, way, fault))
        return;
    if (!find_problems(part, way) || !draw_good(part, way, fault))
        refuse_good(part, fault->text);
}
