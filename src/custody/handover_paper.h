#pragma once
#include <jansson.h>

#include "base/arena.h"
#include "label/label.h"

// What stands on the paper of a hand-over (biên bản giao nhận): custody.handover_paper's document
// as a sheet of label/sheet.h. Pure.

struct paper_source {
    const struct label_links *links;
    const char *url; // of this service, for people to type; without a slash at its end
    bool demo;
};

// The one code by which the taker takes all of a list: a link, or the bare id where no link can be
// made for a QR code.
const char *handover_code(struct arena *arena, const struct label_links *links, const char *id);
// In `arena`, and in `list`, which must stay.
const struct sheet *handover_paper(struct arena *arena, const json_t *list,
                                   const struct paper_source *source);
