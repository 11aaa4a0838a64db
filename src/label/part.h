#pragma once
#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "label/render.h"

// Some labels drawn together, as one piece of a batch (label/batch.h): a PDF of its own, or what a
// printer is sent for one after the other. A label that cannot be drawn has its problem told; the
// rest is drawn. A part belongs to one thread at a time.

struct label_way {
    const struct label_template *t;
    int dpi;
    enum label_format format; // one that label_part_joins
};

struct label_in_part {
    const char *name; // for people and logs: its number, or its place
    const struct label_data *data;
    const char *problem; // NULL: it is, or will be, drawn
};

struct label_part {
    struct arena arena; // of everything that is in it
    void *input;        // of who fills it
    int count, drawn, room;
    struct label_in_part *labels;
    struct buf out;
};

// Whether labels in this format may follow each other in one stream.
bool label_part_joins(enum label_format format);

// How many labels a part had best have, at most `most`: whole pages; and what is made of dots is
// far longer than a page of a PDF.
int label_part_size(const struct label_way *way, int most);

void label_part_init(struct label_part *part, int room);
void label_part_finish(struct label_part *part);
// At most `room` of both; the texts and the values stay as long as the part.
void label_part_add(struct label_part *part, const char *name, const struct label_data *data);
void label_part_refuse(struct label_part *part, const char *name, const char *problem);
// Into `out`, which stays empty when none could be drawn.
void label_part_draw(struct label_part *part, const struct label_way *way);
