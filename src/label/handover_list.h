#pragma once
#include "label/facts.h"
#include "label/sheet.h"

// The paper of a hand-over (biên bản giao nhận): both sides, item by item, what differs in words,
// the log's checkpoint. Pure.

#define HANDOVER_FIELDS(FIELD) \
    FIELD(org, "Unit that made the paper") \
    FIELD(number, "Number of the paper") \
    FIELD(number_again, "The same, on the other pages") \
    FIELD(state, "Mark of what is not signed, or was superseded") \
    FIELD(state_again, "The same, on the other pages") \
    FIELD(take_all, "Below the code by which the taker takes all") \
    FIELD(when, "Time and place") \
    FIELD(giver_unit, "Unit that gives") \
    FIELD(giver, "Who gives, and in which capacity") \
    FIELD(taker_unit, "Unit that takes") \
    FIELD(taker, "Who takes, and in which capacity") \
    FIELD(line_no, "Place in the list") \
    FIELD(item, "Number of a shipment or a bag, in groups") \
    FIELD(dossier, "Code of its dossier") \
    FIELD(leg, "Which way it goes") \
    FIELD(originals, "Originals") \
    FIELD(copies, "Copies") \
    FIELD(finding, "What the taker found") \
    FIELD(note, "What the taker wrote") \
    FIELD(caption, "Text of a heading") \
    FIELD(words, "Text of a line") \
    FIELD(giver_signed, "When and by whom signed electronically") \
    FIELD(giver_name, "Name below the signature") \
    FIELD(taker_signed, "The same of the other side") \
    FIELD(taker_name, "Name below the other signature") \
    FIELD(checkpoint, "Size and time of the log's signed checkpoint") \
    FIELD(root, "Its root, in groups") \
    FIELD(link, "Where it is found, for people") \
    FIELD(mark, "Size and beginning of the root, for the foot of every page") \
    FIELD(page, "Page n of m") \
    FIELD(demo, "Mark of a paper from a demo service, empty otherwise")

enum handover_field {
#define HANDOVER_FIELD_ENUM(name, text) HANDOVER_##name,
    HANDOVER_FIELDS(HANDOVER_FIELD_ENUM) HANDOVER_FIELD_COUNT
};
extern const struct label_words handover_words;

// What custody.handover_paper gives: {id, state, created_at, signed_at?, giver, taker, items:
// [{number, dossier?, leg?, finding?, originals?, copies?, note?}], listed: {number: {piece?,
// pieces?, originals?, copies?, items?}}, checkpoint?: {size, root, at}}; a side is {name?,
// capacity?, unit?, unit_name?, address?}.
extern const struct json_field handover_shape[];

// The one code by which the taker takes all of a list: a link, or the bare id where no link can be
// made for a QR code.
const char *handover_code(struct arena *arena, const struct label_links *links, const char *id);
const struct sheet *handover_paper(struct arena *arena, const json_t *list,
                                   const struct label_source *source);
