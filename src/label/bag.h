#pragma once
#include "label/facts.h"
#include "label/template.h"

// The label of a bag: its S9 identifier, and where it goes in type that is read from a distance.

#define BAG_FIELDS(FIELD) \
    FIELD(number, "S9 identifier in groups; two lines where one is too long") \
    FIELD(origin, "Office that made it, with its code") \
    FIELD(destination, "Office that opens it") \
    FIELD(destination_code, "Code of that office") \
    FIELD(routing_postcode, "Five digits of that office") \
    FIELD(routing_hub, "Hub that serves it, empty when it is the hub") \
    FIELD(despatch, "Number of the despatch in its year: 0012/2026") \
    FIELD(receptacle, "Place in the despatch: 003") \
    FIELD(date, "Day it was sealed, or made") \
    FIELD(seal, "Number of the seal") \
    FIELD(weight, "Weight of the bag with what is in it") \
    FIELD(items, "How many lie in it") \
    FIELD(registered, "Mark of registered items") \
    FIELD(highest, "Mark of the last of its despatch") \
    FIELD(demo, "Mark of a label from a demo service, empty otherwise")

enum bag_field {
#define BAG_FIELD_ENUM(name, text) BAG_##name,
    BAG_FIELDS(BAG_FIELD_ENUM) BAG_FIELD_COUNT
};
extern const struct label_words bag_words;

// {id, origin: {code, name}, destination: {code, name}, routing: {postcode, hub, office}, made_at,
//  year, seal?, weight_g?, items?, highest?}
extern const struct json_field bag_shape[];
// Code 128 and the short QR code say the bare identifier, which every scanner takes.
must_check bool bag_make(struct arena *arena, const json_t *facts,
                         const struct label_source *source, struct label_data *out);
