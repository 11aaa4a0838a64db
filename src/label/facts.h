#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/json.h"
#include "label/code.h"

// What stands on a label. A template names fields and codes by these ids. Never among them: the
// procedure, a whole telephone number, an identity number.

#define LABEL_FIELDS(FIELD) \
    FIELD(number, "S10 number in groups: RR 12345678 5 VN") \
    FIELD(leg, "Which way it goes, in capitals") \
    FIELD(leg_en, "The same in English") \
    FIELD(service, "Postal service by the number's first letter") \
    FIELD(date, "Day of the label, 23/11/2026") \
    FIELD(origin, "Office that made the label, with its code") \
    FIELD(sender_name, "Sender") \
    FIELD(sender_address, "Sender's address") \
    FIELD(sender_phone, "Sender's telephone, last three digits") \
    FIELD(return_address, "Where an undeliverable shipment goes") \
    FIELD(recipient_name, "Recipient") \
    FIELD(recipient_address, "Recipient's address") \
    FIELD(recipient_phone, "Recipient's telephone, last three digits") \
    FIELD(routing_postcode, "Five digits of the delivery office or agency") \
    FIELD(routing_hub, "Hub that serves it") \
    FIELD(routing_office, "Delivery office or agency") \
    FIELD(piece, "Piece n of m") \
    FIELD(weight, "Weight in grams") \
    FIELD(reprint, "Reprint mark, empty on the first print") \
    FIELD(demo, "Mark of a label from a demo service, empty otherwise") \
    FIELD(link, "Tracking link for people, without http://")

enum label_field {
#define LABEL_FIELD_ENUM(name, text) LABEL_##name,
    LABEL_FIELDS(LABEL_FIELD_ENUM) LABEL_FIELD_COUNT
};

enum label_code_kind { LABEL_QR, LABEL_QR_SHORT, LABEL_CODE128, LABEL_CODE_COUNT };

enum { LABEL_FIELDS_MAX = 48 }; // of any kind of template

// Values ready to be drawn: NFC, one line each, without controls or direction marks.
struct label_data {
    const char *field[LABEL_FIELDS_MAX]; // in the order of the template's words; NULL: nothing
    const char *code[LABEL_CODE_COUNT];
};

// LABEL_CODE_COUNT when there is none of this name.
enum label_code_kind label_code_named(const char *name);

// The document a label is made from: what SQL gives, and what `dossierpost label` reads.
//   {number, leg, piece?, pieces?, copy?, office, printed_at?, weight_g?,
//    origin: {code, name}, sender: {name, address, phone?}, recipient: {name, address, phone?},
//    return_to?: {name, address}, routing: {postcode, hub, office}}
extern const struct json_field label_facts_shape[];
// Parts of the documents of other kinds, too: {name, address?, phone?}, {code, name}, {postcode?,
// hub?, office?}.
enum { LABEL_FACT_MAX = 2000 };
// The first member of every document: the name of its kind (label/kind.h).
#define LABEL_FACT_PAPER \
    { \
        "paper", JSON_KIND_TEXT, false, 1, 40, .text = "What it is of; shipment when absent" \
    }
extern const struct json_field label_party_shape[], label_place_shape[], label_routing_shape[];

struct label_source {
    const struct keyring *keys;
    const struct label_links *links;
    int64_t now; // day of the label when printed_at is absent
    bool demo;
    const char *url; // of this service, for people to type; without a slash at its end
};

// Values and codes of one label, in `arena`. False when the number is no S10 or nothing can sign.
must_check bool label_data_make(struct arena *arena, const json_t *facts,
                                const struct label_source *source, struct label_data *out);

// The paper's own last defence, whatever the layers before did: NFC, one line, no controls, nothing
// invisible that changes direction or joins. NULL for an empty text.
const char *label_clean(struct arena *arena, const char *text);
// What people may type: the link of the prefix `track` without its scheme, in lower case up to the
// number. NULL when there is no such prefix.
const char *label_link(struct arena *arena, const char *track, const char *number);
